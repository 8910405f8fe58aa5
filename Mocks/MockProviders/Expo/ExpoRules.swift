/// What Expo takes for a message; one faulty message refuses the whole request.
enum ExpoRules {
    static let recipientLimit = 100
    static let receiptLimit = 1000
    static let payloadLimit = 4096

    private enum Kind {
        case text, number, flag, object, sound
    }

    private static let fields: [String: Kind] = [
        "data": .object, "title": .text, "body": .text, "subtitle": .text, "sound": .sound, "ttl": .number, "expiration": .number,
        "priority": .text, "interruptionLevel": .text, "badge": .number, "channelId": .text, "icon": .text, "richContent": .object,
        "categoryId": .text, "mutableContent": .flag, "collapseId": .text, "tag": .text, "_contentAvailable": .flag,
        // No longer documented; Expo's own SDKs for Python and others still send it.
        "_displayInForeground": .flag,
    ]

    private static let choices: [String: Set<String>] = [
        "priority": ["default", "normal", "high"], "interruptionLevel": ["active", "critical", "passive", "time-sensitive"],
    ]

    /// The recipients of one message; nil when `to` is neither a token nor a list of them.
    static func recipients(of message: JSON) -> [String]? {
        switch message["to"] {
        case .string(let token): return [token]
        case .array(let elements):
            let tokens = elements.compactMap(\.text)
            return tokens.count == elements.count && !tokens.isEmpty ? tokens : nil
        default: return nil
        }
    }

    static func fault(of message: JSON, at index: Int) -> String? {
        guard let members = message.members else { return "\"[\(index)]\" must be of type object." }
        guard recipients(of: message) != nil else { return "\"[\(index)].to\" is required and must be a push token or a list of them." }
        for member in members where member.key != "to" {
            guard let kind = fields[member.key] else { return "\"[\(index)].\(member.key)\" is not allowed." }
            guard fits(member.value, kind) else { return "\"[\(index)].\(member.key)\" is of the wrong type." }
            if let allowed = choices[member.key], let text = member.value.text, !allowed.contains(text) {
                return "\"[\(index)].\(member.key)\" must be one of [\(allowed.sorted().joined(separator: ", "))]."
            }
        }
        return nil
    }

    private static func fits(_ value: JSON, _ kind: Kind) -> Bool {
        switch (kind, value) {
        case (_, .null): true
        case (.text, .string), (.number, .number), (.flag, .bool), (.object, .object), (.sound, .string), (.sound, .object): true
        default: false
        }
    }

    /// `ExponentPushToken[…]`, `ExpoPushToken[…]`, or the old UUID-like form.
    static func isToken(_ token: String) -> Bool {
        for prefix in ["ExponentPushToken[", "ExpoPushToken["] where token.hasPrefix(prefix) && token.hasSuffix("]") {
            let inner = token.dropFirst(prefix.count).dropLast()
            return !inner.isEmpty && !inner.contains("[") && !inner.contains("]")
        }
        let parts = token.split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.count) == [8, 4, 4, 4, 12] && parts.allSatisfy { $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } }
    }

    static func isTooBig(_ message: JSON) -> Bool {
        guard let members = message.members else { return false }
        return JSON.object(members.filter { $0.key != "to" }).encoded.count > payloadLimit
    }
}
