import ArgumentParser
import Domain

/// Which deliveries, in the names of the REST filters.
struct DeliveryFilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only those of this notification.", valueName: "id")) var notification: String?
    @Option(help: ArgumentHelp("Only those to this user.", valueName: "id")) var user: String?
    @Option(help: ArgumentHelp("Only those of this org.", valueName: "id")) var org: String?
    @Option(help: "Only those of this provider: expo, apns, fcm, smtp or in_app.") var provider: String?
    @Option(help: ArgumentHelp("Only those sent with the credential of this name.", valueName: "name")) var credential: String?
    @Option(help: ArgumentHelp("Only those whose last answer had this reason, to the letter: Unregistered, 5.1.1, timeout …", valueName: "word"))
    var reason: String?
    @Option(help: ArgumentHelp("Only those made at this time or later: 2026-03-26T08:00:00Z.", valueName: "time")) var from: String?
    @Option(help: ArgumentHelp("Only those made before this time.", valueName: "time")) var to: String?

    var members: [(name: String, value: String)] {
        [
            ("notification_id", notification), ("user_id", user), ("org_id", org), ("provider", provider), ("credential", credential),
            ("reason", reason),
            ("from", from), ("to", to),
        ].compactMap { name, value in value.map { (name, $0) } }
    }

    /// As a query, with more in front.
    func query(_ more: [(name: String, value: String?)]) -> String {
        let all = more.compactMap { name, value in value.map { (name, $0) } } + members
        return all.isEmpty ? "" : "?" + all.map { "\($0.0)=\(RESTClient.encoded($0.1))" }.joined(separator: "&")
    }
}

/// `--state`, for what is not bound to one.
struct DeliveryStateOption: ParsableArguments {
    @Option(help: "Only those in this state: queued, sending, sent, delivered, failed or cancelled.") var state: String?
}

extension RESTClient {
    /// A delivery's id as it may stand in a path.
    static func deliveryID(_ text: String) throws(StartFault) -> String {
        guard !text.isEmpty,
            text.utf8.allSatisfy({ $0 == UInt8(ascii: "_") || Character(UnicodeScalar($0)).isLetter || Character(UnicodeScalar($0)).isNumber })
        else { throw StartFault("\"\(text)\" is no delivery's id", remedy: "hermod deliveries list shows them") }
        return text
    }
}
