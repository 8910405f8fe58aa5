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
