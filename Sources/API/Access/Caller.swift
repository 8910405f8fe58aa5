import Domain
import Storage

/// Who calls, and what they may see: decided in one place, so that no contract knows how a caller proves who it is.
struct Caller: Sendable, Hashable {
    typealias Role = Domain.Role

    enum Standing: Sendable, Hashable {
        /// No credential was sent, and none is asked for (`auth.public: open`).
        case open
        case roles(Set<Role>)
    }

    /// Keeps idempotency keys of different callers apart.
    var id: String
    /// For the record: the API key's id or the token's subject; nil where nobody said who it is.
    var actor: String?
    /// New notifications belong to it.
    var orgID: String
    /// Goes into every query.
    var scope: OrgScope
    var standing: Standing
    /// The only contract that the caller's key is good for; nil: every one, and the gateway's own endpoints.
    var contract: Contract?
}
