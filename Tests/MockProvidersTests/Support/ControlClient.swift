import Foundation
import MockProviders

/// The control API, as a test suite in another language would call it.
struct ControlClient {
    private let base: String

    init(_ mocks: MockProviders) { base = "http://127.0.0.1:\(mocks.httpPort)" }

    @discardableResult
    func call(_ method: String, _ path: String, _ body: String? = nil, extra: [String] = []) async throws -> Curl.Answer {
        try await Curl.run(ca: nil, ["-X", method] + (body.map { ["--data-binary", $0] } ?? []) + extra + ["\(base)/_mock/\(path)"])
    }

    func messages(_ query: String = "") async throws -> [[String: Any]] {
        try await call("GET", "messages\(query)").json["messages"] as? [[String: Any]] ?? []
    }

    func credentials(_ body: String) async throws -> MadeAccount {
        MadeAccount(json: try await call("POST", "credentials", body).json)
    }
}
