public import Domain

/// Whose key it is: a key is unique per caller and method and path.
public struct IdempotencyKey: Sendable, Hashable {
    public var caller: String
    public var operation: String
    /// The header's value, 1 to 255 characters.
    public var key: String

    public init(caller: String, operation: String, key: String) {
        self.caller = caller
        self.operation = operation
        self.key = key
    }
}

/// Written in the transaction that enqueues: from then on the key stands for these notifications, whatever happens to the process.
public struct IdempotencyMark: Sendable, Hashable {
    public var key: IdempotencyKey
    /// What the answer can be made from again: a notification's or batch's id.
    public var reference: String

    public init(key: IdempotencyKey, reference: String) {
        self.key = key
        self.reference = reference
    }
}

public struct StoredAnswer: Sendable, Hashable {
    public var status: Int
    public var contentType: String
    public var body: String

    public init(status: Int, contentType: String, body: String) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}

/// Idempotency keys, kept 24 hours per caller.
public struct IdempotencyStore: Sendable {
    public enum Claim: Sendable, Hashable {
        /// First time: do the work, then `complete` or `abandon`.
        case fresh
        /// Done before with the same body.
        case replay(StoredAnswer)
        /// Enqueued before, but the gateway died before it answered: make the answer from the reference.
        case resume(reference: String)
        /// Being worked on by a living gateway.
        case running
        /// Same key, another body.
        case mismatch
    }

    public init(_ committer: GroupCommit) {
        fatalError("to be built")
    }

    /// - Parameter bodyHash: SHA-256 of the body, hex.
    /// A key left running by a gateway that is dead (lease past or gone) is fresh, or resumed where it had enqueued.
    public func claim(_ key: IdempotencyKey, bodyHash: String, now: Timestamp, lease: Lease) async throws -> Claim {
        fatalError("to be built")
    }

    public func complete(_ key: IdempotencyKey, answer: StoredAnswer) async throws {
        fatalError("to be built")
    }

    /// Forgets a key whose work failed before anything was enqueued.
    public func abandon(_ key: IdempotencyKey) async throws {
        fatalError("to be built")
    }

    /// Removes keys older than 24 hours.
    public func tidy(now: Timestamp) async throws {
        fatalError("to be built")
    }
}
