extension ReceivedMessage {
    /// The message as the control API shows it. Title, body and parts are read out here, not when it came.
    var json: JSON {
        var title: String?
        var body: String?
        var html: String?
        var raw: JSON?
        switch provider {
        case .smtp:
            let mail = MailContent(payload)
            title = mail.subject
            body = mail.text
            html = mail.html
            raw = payload.isEmpty ? nil : .string(String(decoding: payload, as: UTF8.self))
        case .apns, .fcm, .expo:
            let parsed = try? JSON(parsing: payload)
            let content = parsed.map { provider == .apns ? PushContent(apns: $0) : provider == .fcm ? PushContent(fcm: $0) : PushContent(expo: $0) }
            title = content?.title
            body = content?.body
            raw = parsed ?? .string(String(decoding: payload, as: UTF8.self))
        }
        return .object([
            "number": .int(number), "provider": .string(provider.rawValue), "to": .string(target), "id": .string(id),
            "identity": identity.map(JSON.string), "received_at": .int(receivedAt), "status": .int(status), "reason": reason.map(JSON.string),
            "accepted": .bool(accepted), "fault": fault.map { .string($0.rawValue) }, "connection": .int(connection),
            "from": sender.map(JSON.string), (provider == .smtp ? "subject" : "title"): title.map(JSON.string), "body": body.map(JSON.string),
            "html": html.map(JSON.string), "bare_line_ends": provider == .smtp ? .bool(hasBareLineEnds) : nil,
            "payload_dropped": isPayloadDropped ? true : nil, "headers": .array(headers.map { .array([.string($0.name), .string($0.value)]) }),
            (provider == .smtp ? "source" : "payload"): raw,
        ])
    }
}
