import Domain

/// Who sends and who is written to. A notification is known by its number, which stands in its title: the one thing that reaches every provider.
struct Cast: Sendable {
    static let orgs = ["alpha", "beta", "gamma"]
    static let pushers: [ProviderName] = [.expo, .apns, .fcm]
    /// Users of each org with a device of each provider.
    static let usersOfAKind = 20
    /// Callers at a time of each of the backend services.
    static let callers = 5

    /// A user with one registered device.
    struct User: Sendable, Hashable {
        var org: String
        var provider: ProviderName
        var index: Int

        var id: String { "usr_\(org)_\(provider.rawValue)_\(index)" }

        var token: String {
            switch provider {
            case .expo: "ExponentPushToken[\(org)-\(index)]"
            // A magic word spelt in hex would have the mock refuse it; bytes beyond ASCII spell nothing.
            case .apns: String(repeating: "e0", count: 24) + Cast.hex(Cast.orgs.firstIndex(of: org) ?? 0, width: 8) + Cast.hex(index, width: 8)
            case .fcm: "device-\(org)-\(index):APA91b"
            case .smtp, .inApp: ""
            }
        }

        var platform: Platform { provider == .apns ? .ios : .android }
    }

    static var usersOfAnOrg: Int { pushers.count * usersOfAKind }

    static func users(of org: String) -> [User] { (0..<usersOfAnOrg).map { user($0, of: org) } }

    static func user(_ number: Int, of org: String) -> User {
        User(org: org, provider: pushers[number / usersOfAKind], index: number % usersOfAKind)
    }

    static func title(_ number: Int) -> String { "Proof \(number)" }

    /// The number that a title bears; nil for what is none of ours.
    static func number(inTitle title: String) -> Int? {
        guard title.hasPrefix("Proof ") else { return nil }
        return Int(title.dropFirst(6))
    }

    /// A mail that is refused at RCPT has shown its recipient and no title.
    static func number(inAddress address: String) -> Int? {
        guard let at = address.lastIndex(of: "@"), let mark = address[..<at].lastIndex(of: "p") else { return nil }
        return Int(address[address.index(after: mark)..<at])
    }

    /// - Parameter isDead: the provider shall say that the device or mailbox is gone.
    static func target(of number: Int, _ provider: ProviderName, isDead: Bool) -> String {
        switch provider {
        case .expo: return isDead ? "ExponentPushToken[DeviceNotRegistered-\(number)]" : "ExponentPushToken[once-\(number)]"
        case .apns:
            guard isDead else { return String(repeating: "e1", count: 24) + hex(number, width: 16) }
            let word = Array("Unregistered \(number)".utf8).map { hex(Int($0), width: 2) }.joined()
            return word + String(repeating: "0", count: max(0, 64 - word.count))
        case .fcm: return isDead ? "UNREGISTERED:APA91b-\(number)" : "once-\(number):APA91b"
        case .smtp: return isDead ? "perm-fail+p\(number)@proof.example.org" : "reader+p\(number)@proof.example.org"
        case .inApp: return ""
        }
    }

    private static func hex(_ number: Int, width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
