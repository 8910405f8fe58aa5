/// Who waits for a write.
public enum WriteAsker: Sendable, Hashable {
    /// A caller of the gateway who sends: what makes messages durable. Where they are few, others like it may follow, and a bulk would keep them waiting.
    case sender
    /// Any other caller of the gateway.
    case caller
    /// A lane that can send more than it holds, and takes what waits on disk.
    case lane
    /// The engine, for its own books: settlements, which gather while they wait.
    case engine
}
