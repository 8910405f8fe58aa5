import DeliveryEngine
import Domain
import Templates

/// Makes drafts of certification reminders: to whom, in whose language, and why not.
struct ReminderWriter: Sendable {
    static let category = "certification_reminder"
    /// The member of a notification's attributes that keeps the credential asked for, so that a retry asks for the same.
    private static let credential = "credential"

    let templates: Templates

    /// - Parameter now: what the mail counts its days from.
    func draft(
        id: String, to user: User, about certification: Certification, batchID: String?, options: SendingOptions, now: Timestamp
    ) -> Draft {
        let mail = templates.write(
            CertificationReminder(
                fullName: user.fullName, certification: certification.name, expiresAt: certification.expiresAt, now: now),
            locale: user.locale)
        return Draft(
            id: id, contract: .adminNotifications, orgID: user.orgID, recipient: .email(user.email ?? ""), userID: user.id,
            impediment: Self.impediment(to: user), category: Self.category,
            content: Content(title: mail.subject, body: mail.text, html: mail.html, collapseID: options.collapseID, priority: options.priority),
            attributes: options.credential.map { [Self.credential: .string($0)] } ?? [:], batchID: batchID, credential: options.credential,
            expiresAt: options.expiresAt)
    }

    /// The same dispatch once more: what it says stays, its address is the user's present one.
    func draft(of notification: Notification, to user: User) -> Draft {
        Draft(
            id: notification.id, contract: notification.contract, orgID: notification.orgID, recipient: .email(user.email ?? ""), userID: user.id,
            impediment: Self.impediment(to: user), category: notification.category, content: notification.content, batchID: notification.batchID,
            credential: notification.attributes[Self.credential]?.string, expiresAt: notification.expiresAt)
    }

    private static func impediment(to user: User) -> String? {
        guard let address = user.email, !address.isEmpty else { return "No email address on file" }
        guard user.emailVerified else { return "Email address not verified" }
        return MailAddress.fault(in: address).map { "Email address \($0)" }
    }
}
