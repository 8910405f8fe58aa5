import Foundation

extension ReceivedMessage {
    /// The message as the control API shows it. Title, body, parts, links and codes are read out here, not when it came.
    var json: JSON {
        let content = MessageContent(self)
        var raw: JSON?
        switch provider {
        case .smtp: raw = payload.isEmpty ? nil : .string(String(decoding: payload, as: UTF8.self))
        case .apns, .fcm, .expo: raw = (try? JSON(parsing: payload)) ?? .string(String(decoding: payload, as: UTF8.self))
        }
        let findings = content.findings
        return .object([
            "number": .int(number), "provider": .string(provider.rawValue), "to": .string(target), "id": .string(id),
            "identity": identity.map(JSON.string), "received_at": .int(receivedAt), "status": .int(status), "reason": reason.map(JSON.string),
            "accepted": .bool(accepted), "fault": fault.map { .string($0.rawValue) }, "connection": .int(connection),
            "run": run.isEmpty ? nil : .string(run), "org": org.map(JSON.string), "credential": credential.map(JSON.string),
            "from": sender.map(JSON.string), (provider == .smtp ? "subject" : "title"): content.title.map(JSON.string),
            "body": content.body.map(JSON.string),
            "html": content.html.map(JSON.string), "links": .array(findings.links.map(JSON.string)), "codes": .array(findings.codes.map(JSON.string)),
            "bare_line_ends": provider == .smtp ? .bool(hasBareLineEnds) : nil,
            "reached": reached.map { .array($0.map(JSON.string)) }, "payload_dropped": isPayloadDropped ? true : nil,
            "headers": .array(headers.map { .array([.string($0.name), .string($0.value)]) }),
            (provider == .smtp ? "source" : "payload"): raw,
            "request": request.map { .object(["method": .string($0.method), "path": .string($0.path), "version": .string($0.version)]) },
            "answer": answer.map(\.json), "dialogue": dialogue.isEmpty ? nil : .array(dialogue.map(JSON.string)),
        ])
    }

    /// A line of a list: what tells the message from others, and the beginning of its text.
    var brief: JSON {
        let content = MessageContent(self)
        let text = content.body ?? content.html.map(TextFindings.stripped)
        return .object([
            "number": .int(number), "provider": .string(provider.rawValue), "to": .string(target), "id": .string(id), "received_at": .int(receivedAt),
            "status": .int(status), "reason": reason.map(JSON.string), "accepted": .bool(accepted), "fault": fault.map { .string($0.rawValue) },
            "connection": .int(connection), "org": org.map(JSON.string), "from": sender.map(JSON.string), "title": content.title.map(JSON.string),
            "body": text.map { .string(String($0.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(200))) },
            "app": app.map(JSON.string),
        ])
    }

    /// Whose push it is, as far as it says so.
    private var app: String? {
        switch provider {
        case .apns: header("apns-topic")
        case .fcm: request.flatMap { $0.path.split(separator: "/").dropFirst(2).first.map(String.init) }
        case .expo: "Expo"
        case .smtp: nil
        }
    }
}

extension ReceivedMessage.Answer {
    fileprivate var json: JSON {
        .object([
            "status": .int(status), "headers": .array(headers.map { .array([.string($0.name), .string($0.value)]) }),
            "body": .string(String(decoding: body, as: UTF8.self)),
        ])
    }
}
