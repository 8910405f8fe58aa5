/// A credential that needs a person, while deliveries go on or wait: what ops are woken for. No secrets.
public struct CredentialAlarm: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The newer version is refused by the provider; deliveries go out with the one before it.
        case fallback
        /// The provider refuses it; its lane is paused and deliveries wait.
        case refused
        /// It ends within 30 days.
        case expiring
        /// It has ended.
        case expired
        /// It can't be used here: not opened (master key), or faulty in its file.
        case unusable
    }

    public var lane: LaneKey
    public var kind: Kind
    public var since: Timestamp?
    /// What is wrong and what to do.
    public var message: String

    public init(lane: LaneKey, kind: Kind, since: Timestamp? = nil, message: String) {
        self.lane = lane
        self.kind = kind
        self.since = since
        self.message = message
    }
}
