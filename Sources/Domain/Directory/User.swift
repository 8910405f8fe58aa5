/// A person whom notifications are for, as another service has told us.
public struct User: Sendable, Hashable {
    public var id: String
    public var orgID: String
    public var fullName: String?
    public var email: String?
    /// Reminders go to verified addresses only.
    public var emailVerified: Bool
    public var phone: String?
    /// A BCP 47 tag, which chooses the language of what we write ourselves.
    public var locale: String?
    public var chapterID: String?

    public init(
        id: String, orgID: String, fullName: String? = nil, email: String? = nil, emailVerified: Bool = false, phone: String? = nil,
        locale: String? = nil, chapterID: String? = nil
    ) {
        self.id = id
        self.orgID = orgID
        self.fullName = fullName
        self.email = email
        self.emailVerified = emailVerified
        self.phone = phone
        self.locale = locale
        self.chapterID = chapterID
    }
}
