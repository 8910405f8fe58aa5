/// A peer mentor, and the users who coordinate them.
public struct Mentor: Sendable, Hashable {
    public var id: String
    public var orgID: String
    public var fullName: String?
    public var email: String?
    public var phone: String?
    /// `active`, `paused` or whatever else the owning service says.
    public var currentStatus: String?
    public var pauseStartDate: Timestamp?
    /// User ids; the first one is the coordinator of the profile.
    public var coordinatorIDs: [String]

    public init(
        id: String, orgID: String, fullName: String? = nil, email: String? = nil, phone: String? = nil, currentStatus: String? = nil,
        pauseStartDate: Timestamp? = nil, coordinatorIDs: [String] = []
    ) {
        self.id = id
        self.orgID = orgID
        self.fullName = fullName
        self.email = email
        self.phone = phone
        self.currentStatus = currentStatus
        self.pauseStartDate = pauseStartDate
        self.coordinatorIDs = coordinatorIDs
    }
}
