/// One entry of the directory, whatever it is of: a line of an import, or the body of a PUT.
public enum DirectoryEntry: Sendable, Hashable {
    case organisation(Organisation)
    case user(User)
    case certification(Certification)
    case mentor(Mentor)

    /// The words for the kinds, in the order in which an import needs them: what comes later refers to what comes before.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case organisation
        case user
        case certification
        case mentor
    }

    public var kind: Kind {
        switch self {
        case .organisation: .organisation
        case .user: .user
        case .certification: .certification
        case .mentor: .mentor
        }
    }
}
