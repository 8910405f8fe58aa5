import Domain
import Vault

/// Whether one credential can take over from another: for the time of a rotation both serve the same deliveries, so both have to speak for the same sender.
enum CredentialSuccession {
    struct Difference {
        var field: String
        var words: String
    }

    case successor
    /// The very one that is in use.
    case repetition
    /// One of another project, app, team or mailbox.
    case stranger([Difference])

    init(of current: CredentialFacts?, by next: CredentialFacts, provider: ProviderName) {
        guard let current else {
            // What can't be read can't be compared; whether it can be rotated is for the vault to say.
            self = .successor
            return
        }
        if current.fingerprint == next.fingerprint, current.members == next.members {
            self = .repetition
            return
        }
        // A certificate may not tell its team: only what both say can differ.
        let differences = Self.identity(provider).compactMap { member, field -> Difference? in
            guard let old = current.members[member], let new = next.members[member], old != new else { return nil }
            return Difference(
                field: field,
                words: "is for \(Self.text(new)), and the credential that it would take over from is for \(Self.text(old)). "
                    + "Set it instead, under a name of its own, or say \"force\": true (--force)")
        }
        self = differences.isEmpty ? .successor : .stranger(differences)
    }

    /// The members of the facts that say whom a credential speaks for, each with the member of the body that it comes from.
    private static func identity(_ provider: ProviderName) -> [(member: String, field: String)] {
        switch provider {
        case .apns: [("topic", "topic"), ("environment", "environment"), ("team_id", "team_id")]
        case .fcm: [("project_id", "service_account")]
        case .smtp: [("url", "url"), ("from", "from")]
        // Of which projects an access token is, only Expo knows.
        case .expo, .inApp: []
        }
    }

    private static func text(_ value: JSON) -> String { value.string ?? value.text }
}
