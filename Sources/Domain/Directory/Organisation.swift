public struct Organisation: Sendable, Hashable {
    public var id: String
    public var parentID: String?
    public var name: String

    public init(id: String, parentID: String? = nil, name: String) {
        self.id = id
        self.parentID = parentID
        self.name = name
    }
}
