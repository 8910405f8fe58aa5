/// Why a credential could not be stored, opened or removed, in words for an operator.
public enum VaultFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// Nothing can be sealed: no master key, or one that was retired. The text names the remedy.
    case noMasterKey(String)
    /// There is no such credential in the database.
    case notFound
    /// There is one, but it can't be used: the text says why and what to do.
    case unusable(String)

    public var description: String {
        switch self {
        case .noMasterKey(let text), .unusable(let text): text
        case .notFound: "there is no such credential in the database"
        }
    }
}
