/// Who waits for a write.
public enum WriteAsker: Sendable, Hashable {
    /// A caller of the gateway: what makes a call durable. Others like it may follow, and large transactions would keep them waiting.
    case caller
    /// The engine, for its own books: settlements and claims, which gather while they wait.
    case engine
}
