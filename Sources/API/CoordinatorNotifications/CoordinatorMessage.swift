import DeliveryEngine
import Domain

/// What coordinator-notifications says to its recipients, the same to all of them: the body of each of its POSTs but for the recipients.
struct CoordinatorMessage: Sendable {
    let category: String?
    let title: String?
    private let body: String?
    private let payload: JSONObject?
    private let channels: Set<Channel>
    private let options: SendingOptions

    /// In-app, and push where there is a token.
    init(everywhere reader: inout FieldReader) {
        channels = [.inApp, .push]
        category = reader.requiredText("type", .id)
        title = reader.requiredText("title", .title)
        body = reader.requiredText("body", .body)
        payload = reader.data("payload")
        options = SendingOptions(&reader)
    }

    init(push reader: inout FieldReader) {
        channels = [.push]
        title = reader.requiredText("title", .title)
        body = reader.requiredText("body", .body)
        category = reader.text("type", .id)
        payload = reader.data("payload")
        options = SendingOptions(&reader)
    }

    /// The payload is all there is; of it, three members are ours to understand.
    init(inApp reader: inout FieldReader) {
        channels = [.inApp]
        let before = reader.faults.count
        payload = reader.data("payload")
        if payload == nil, reader.faults.count == before { reader.fault("payload", "is required") }
        var inner = FieldReader(payload ?? [:], at: .member("payload"))
        category = inner.text("type", .id)
        title = inner.text("title", .title)
        body = inner.text("body", .body)
        reader.absorb(inner.faults)
        options = SendingOptions(&reader, providers: [.inApp])
    }

    /// What one call may write, counted as recipients times content: each recipient's row has its own, and all are one transaction.
    static let writeLimit = 256 << 20

    /// Notes a fault where content and recipients are too many together.
    func checkSize(_ reader: inout FieldReader, recipients: Int) {
        let size = (title?.utf8.count ?? 0) + (body?.utf8.count ?? 0) + (payload.map { JSON.object($0).bytes.count } ?? 0)
        guard size > 0, recipients > Self.writeLimit / size else { return }
        reader.fault(
            "recipient_ids",
            "\(recipients) recipients times \(size) bytes of title, body and payload are more than the \(Self.writeLimit >> 20) MiB that one call "
                + "may write; send this to at most \(Self.writeLimit / size) recipients at once")
    }

    /// One draft for each recipient, each a row of its own; the call's id is the first one's, and keeps them together.
    ///
    /// - Parameter ids: as many as users.
    func drafts(to userIDs: [String], in orgs: RecipientOrgs, ids: [String]) -> [Draft] {
        guard let notificationID = ids.first else { return [] }
        let letter = CoordinatorPayload(payload, notificationID: notificationID, category: category, isPushed: channels.contains(.push))
        let content = Content(title: title, body: body, data: letter.data, collapseID: options.collapseID, priority: options.priority)
        return zip(userIDs, ids).compactMap { userID, id in
            guard let orgID = orgs.org(of: userID) else { return nil }
            return Draft(
                id: id, contract: .coordinatorNotifications, orgID: orgID, recipient: .user(userID), channels: channels, category: category,
                content: content, attributes: letter.attributes, batchID: notificationID, provider: options.provider,
                credential: options.credential, expiresAt: options.expiresAt)
        }
    }
}
