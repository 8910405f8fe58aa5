import DeliveryEngine
import Domain

/// What push-dispatcher says to one user: the body of its POST, and a target of its batch.
///
/// A class because a batch's targets are looked through several times, and each has a dozen fields; it never changes.
final class PushDispatcherMessage: Sendable {
    let userID: String
    private let title: String
    private let body: String
    private let data: JSONObject?
    private let scenarioID: String?
    private let attributes: JSONObject
    private let options: SendingOptions

    init(_ reader: inout FieldReader, defaults: SendingOptions? = nil) {
        userID = reader.requiredText("user_id", .id)
        title = reader.requiredText("title", .title)
        body = reader.requiredText("body", .body)
        data = reader.data()
        var attributes: JSONObject = [:]
        // The contract's batch has both in `data` alone.
        scenarioID = reader.text("scenario_id", .id) ?? data?["scenario_id"]?.string
        if let promptID = reader.text("prompt_id", .id) ?? data?["prompt_id"]?.string { attributes["prompt_id"] = .string(promptID) }
        self.attributes = attributes
        options = SendingOptions(&reader, defaults: defaults)
    }

    func draft(id: String, batchID: String?, orgID: String) -> Draft {
        Draft(
            id: id, contract: .pushDispatcher, orgID: orgID, recipient: .user(userID), category: scenarioID,
            content: Content(title: title, body: body, data: data, collapseID: options.collapseID, priority: options.priority),
            attributes: attributes, batchID: batchID, provider: options.provider, credential: options.credential, expiresAt: options.expiresAt)
    }
}
