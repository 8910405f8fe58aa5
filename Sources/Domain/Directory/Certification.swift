/// Something that a user holds until it expires. Its id is unique per user.
public struct Certification: Sendable, Hashable {
    public var id: String
    public var userID: String
    public var name: String
    public var expiresAt: Timestamp

    public init(id: String, userID: String, name: String, expiresAt: Timestamp) {
        self.id = id
        self.userID = userID
        self.name = name
        self.expiresAt = expiresAt
    }
}
