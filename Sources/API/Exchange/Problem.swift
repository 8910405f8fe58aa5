import Domain
import HTTPTypes
import Hummingbird

/// A refusal as callers see it: RFC 9457. Handlers throw it, `ExchangeMiddleware` writes it.
struct Problem: Error, Sendable {
    var status: HTTPResponse.Status
    /// Behind `urn:hermod:problem:`; stable, for programs.
    var kind: String
    var title: String
    /// For people: the fault and its remedy. Never a word of SQL, never a secret.
    var detail: String
    var faults: Faults
    var headers: HTTPFields

    init(
        _ status: HTTPResponse.Status, _ kind: String, _ title: String, _ detail: String, faults: Faults = Faults(), headers: HTTPFields = [:]
    ) {
        self.status = status
        self.kind = kind
        self.title = title
        self.detail = detail
        self.faults = faults
        self.headers = headers
    }

    static let contentType = "application/problem+json"

    /// - Parameter instance: the path of the request, which the caller knows and the log never sees.
    func answer(instance: String) -> Answer {
        var body: JSONObject = [
            "type": .string("urn:hermod:problem:\(kind)"),
            "title": .string(title),
            "status": .integer(status.code),
            "detail": .string(detail),
            "instance": .string(instance),
        ]
        if !faults.isEmpty { body["errors"] = .array(faults.list.map(\.json)) }
        return Answer(status, .object(body), contentType: Self.contentType, headers: headers)
    }
}
