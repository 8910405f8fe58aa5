public import Domain

/// A credential as lists show it: whatever its source, without its secrets.
public struct CredentialEntry: Sendable, Hashable {
    public enum Source: Sendable, Hashable {
        /// Declared by an org file of that name.
        case file(String)
        /// Set by REST or command line, sealed in the database.
        case sealed
    }

    /// The version that the current one has taken the place of, while both are in use.
    public struct Previous: Sendable, Hashable {
        public var version: Int
        public var setAt: Timestamp?
        /// When the overlap ends by itself; nil: when somebody ends it.
        public var until: Timestamp?
        public var facts: CredentialFacts?

        public init(version: Int, setAt: Timestamp?, until: Timestamp?, facts: CredentialFacts?) {
            self.version = version
            self.setAt = setAt
            self.until = until
            self.facts = facts
        }
    }

    public var lane: LaneKey
    public var source: Source
    /// From 1, counted up by each `set` and `rotate`; 1 for a file's.
    public var version: Int
    public var setAt: Timestamp?
    /// Who set it: an API key's id or a token's subject; nil where that is not known.
    public var setBy: String?
    /// Nil where it could not be read.
    public var facts: CredentialFacts?
    /// Why it can't be used here, with the remedy: a fault in the file, a master key that is not there.
    public var fault: String?
    /// True for a sealed credential in whose place a file's is used.
    public var isShadowed: Bool
    public var previous: Previous?
    /// What is no fault and should be known all the same, a sentence each: the facts' own warnings, an org that nobody knows, a file that stands in front.
    public var warnings: [String] = []

    /// How long before its end a credential is warned of.
    public static let notice: Duration = .seconds(30 * 86_400)

    public init(
        lane: LaneKey, source: Source, version: Int = 1, setAt: Timestamp? = nil, setBy: String? = nil, facts: CredentialFacts? = nil,
        fault: String? = nil, isShadowed: Bool = false, previous: Previous? = nil
    ) {
        self.lane = lane
        self.source = source
        self.version = version
        self.setAt = setAt
        self.setBy = setBy
        self.facts = facts
        self.fault = fault
        self.isShadowed = isShadowed
        self.previous = previous
    }
}
