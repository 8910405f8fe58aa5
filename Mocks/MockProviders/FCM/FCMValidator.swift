/// Finds the first fault in a request body, in the words of Google's JSON front end.
struct FCMValidator: Sendable {
    /// Nil when the body is one that FCM would take.
    static func fault(of body: JSON) -> FCMError? {
        guard body.members != nil else {
            return .invalid(field: "", "Invalid JSON payload received. Expected an object.")
        }
        if let fault = check(body, FCMSchema.request, at: "") { return fault }
        guard let message = body["message"], message.members != nil else {
            return .invalid(field: "message", "Recipient of the message is not set.")
        }
        return target(message) ?? dataKeys(message) ?? ranges(message) ?? size(message)
    }

    // MARK: Shape

    private static func check(_ value: JSON, _ type: FCMType, at path: String) -> FCMError? {
        if value == .null { return nil }
        switch type {
        case .anything: return value.members == nil ? wrong(value, "type.googleapis.com/google.protobuf.Struct", at: path) : nil
        case .string: return value.text == nil ? wrong(value, "TYPE_STRING", at: path) : nil
        case .bool:
            if case .bool = value { return nil }
            return wrong(value, "TYPE_BOOL", at: path)
        case .number:
            // proto3's JSON takes numbers as strings too.
            if case .number = value { return nil }
            return value.text.flatMap { Double($0) } == nil ? wrong(value, "TYPE_INT32", at: path) : nil
        case .duration: return value.text.flatMap(seconds) == nil ? wrong(value, "type.googleapis.com/google.protobuf.Duration", at: path) : nil
        case .oneOf(let names):
            guard let name = value.text, names.contains(name) else {
                return wrong(value, "an enum of \(names.sorted().joined(separator: ", "))", at: path)
            }
            return nil
        case .list(let element):
            guard let elements = value.elements else { return wrong(value, "TYPE_LIST", at: path) }
            return first(elements.indices) { check(elements[$0], element, at: "\(path)[\($0)]") }
        case .stringMap:
            guard let members = value.members else { return wrong(value, "map<string, string>", at: path) }
            return first(members.indices) {
                members[$0].value.text == nil ? wrong(members[$0].value, "TYPE_STRING", at: "\(path)[\($0)].value") : nil
            }
        case .message(let fields):
            guard let members = value.members else { return wrong(value, "an object", at: path) }
            return first(members.indices) { index in
                guard let field = fields[snakeCase(members[index].key)] else { return unknown(members[index].key, at: path) }
                let inner = path.isEmpty ? members[index].key : "\(path).\(members[index].key)"
                return check(members[index].value, field, at: inner)
            }
        }
    }

    private static func first(_ indices: Range<Int>, _ fault: (Int) -> FCMError?) -> FCMError? {
        for index in indices {
            if let found = fault(index) { return found }
        }
        return nil
    }

    private static func unknown(_ name: String, at path: String) -> FCMError {
        let place = path.isEmpty ? "" : " at '\(path)'"
        return .invalid(field: path, "Invalid JSON payload received. Unknown name \"\(name)\"\(place): Cannot find field.")
    }

    private static func wrong(_ value: JSON, _ expected: String, at path: String) -> FCMError {
        .invalid(field: path, "Invalid value at '\(path)' (\(expected)), \(String(decoding: value.encoded.prefix(100), as: UTF8.self))")
    }

    private static func snakeCase(_ name: String) -> String {
        guard name.contains(where: \.isUppercase) else { return name }
        return name.reduce(into: "") { text, letter in
            if letter.isUppercase { text.append("_") }
            text.append(contentsOf: letter.lowercased())
        }
    }

    // MARK: Content

    static func field(_ name: String, of message: JSON) -> JSON? {
        message.members?.last { snakeCase($0.key) == name }?.value
    }

    private static func target(_ message: JSON) -> FCMError? {
        let targets = ["token", "topic", "condition", "fid"].filter { field($0, of: message)?.text?.isEmpty == false }
        switch targets.count {
        case 0: return .invalid(field: "message", "Recipient of the message is not set.")
        case 1: break
        default: return .invalid(field: "message", "Invalid value at 'message' (oneof), oneof field 'target' is already set.")
        }
        if let token = message["token"]?.text, !isToken(token) { return .invalidToken }
        if let topic = message["topic"]?.text, !FCMTopics.isTopic(topic) {
            return .invalid(field: "message.topic", "Invalid topic name.")
        }
        if let condition = message["condition"]?.text, TopicCondition(condition) == nil {
            return .invalid(field: "message.condition", "Invalid condition expression provided.")
        }
        return nil
    }

    /// The registration token's alphabet. 64 hex digits are an APNs token that someone stored in the wrong place.
    static func isToken(_ token: String) -> Bool {
        guard (8...4096).contains(token.utf8.count) else { return false }
        guard token.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "_:%.-".contains($0)) }) else { return false }
        return !(token.utf8.count == 64 && token.allSatisfy(\.isHexDigit))
    }

    private static func dataKeys(_ message: JSON) -> FCMError? {
        for member in message["data"]?.members ?? [] {
            let key = member.key
            if key == "from" || key == "message_type" || key.hasPrefix("google") || key.hasPrefix("gcm") || key.isEmpty {
                return FCMError(
                    status: 400, code: "INVALID_ARGUMENT", message: "Invalid data payload key: \(key)",
                    details: [FCMError.fcm("INVALID_ARGUMENT"), FCMError.violation(field: "message.data", "Invalid data payload key: \(key)")])
            }
        }
        return nil
    }

    private static func ranges(_ message: JSON) -> FCMError? {
        if let ttl = field("ttl", of: message["android"] ?? .null)?.text, let seconds = seconds(ttl), !(0...2_419_200).contains(seconds) {
            return FCMError(
                status: 400, code: "INVALID_ARGUMENT", message: "Invalid ttl: the duration must be between 0 and 2419200 seconds",
                details: [FCMError.fcm("INVALID_ARGUMENT"), FCMError.violation(field: "message.android.ttl", "Invalid ttl")])
        }
        return formats(message)
    }

    /// Fields whose text has a form of its own.
    private static func formats(_ message: JSON) -> FCMError? {
        func text(_ path: String...) -> String? {
            var node: JSON? = message
            for name in path { node = node.flatMap { field(name, of: $0) } }
            return node?.text
        }
        if let color = text("android", "notification", "color"), color.wholeMatch(of: #/#[0-9a-fA-F]{6}/#) == nil {
            return .invalid(field: "message.android.notification.color", "Invalid color: it must be of the form #RRGGBB.")
        }
        if let link = text("webpush", "fcm_options", "link"), !link.hasPrefix("https://") {
            return .invalid(field: "message.webpush.fcm_options.link", "Invalid link: it must be an https URL.")
        }
        for owner in [[], ["android"], ["apns"], ["webpush"]] {
            let options = (owner + ["fcm_options"]).reduce(message as JSON?) { node, name in node.flatMap { field(name, of: $0) } }
            guard let label = options.flatMap({ field("analytics_label", of: $0) })?.text else { continue }
            if label.wholeMatch(of: #/[a-zA-Z0-9\-_.~%]{1,50}/#) == nil {
                return .invalid(field: "message.\((owner + ["fcm_options", "analytics_label"]).joined(separator: "."))", "Invalid analytics label.")
            }
        }
        return nil
    }

    private static func seconds(_ text: String) -> Double? {
        guard text.hasSuffix("s") else { return nil }
        return Double(text.dropLast())
    }

    /// Data and notification may fill 4096 bytes, or 2048 to a topic.
    private static func size(_ message: JSON) -> FCMError? {
        var total = 0
        for member in message["data"]?.members ?? [] { total += member.key.utf8.count + (member.value.text?.utf8.count ?? 0) }
        for member in message["notification"]?.members ?? [] { total += member.value.text?.utf8.count ?? 0 }
        return total > (message["topic"] ?? message["condition"] == nil ? 4096 : 2048) ? .tooBig : nil
    }
}
