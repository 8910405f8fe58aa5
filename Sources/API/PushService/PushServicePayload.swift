import DeliveryEngine
import Domain

/// What push-service says, to one user or to many: the body of its POST, and the payload of its batch.
struct PushServicePayload: Sendable {
    private let title: String
    private let body: String
    private let data: JSONObject?
    private let options: SendingOptions

    init(_ reader: inout FieldReader, defaults: SendingOptions? = nil) {
        title = reader.requiredText("title", .title)
        body = reader.requiredText("body", .body)
        data = reader.data()
        options = SendingOptions(&reader, defaults: defaults)
    }

    func draft(id: String, userID: String, batchID: String?, orgID: String) -> Draft {
        Draft(
            id: id, contract: .pushService, orgID: orgID, recipient: .user(userID),
            content: Content(title: title, body: body, data: data, collapseID: options.collapseID, priority: options.priority),
            batchID: batchID, provider: options.provider, credential: options.credential, expiresAt: options.expiresAt)
    }
}
