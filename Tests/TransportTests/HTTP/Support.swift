import Testing
import Transport

/// A transport that trusts the test CA, shut down at the end.
func withTransport<Result>(
    extraCA: Bool = true, configure: (inout HTTPTransport.Configuration) -> Void = { _ in }, _ body: (HTTPTransport) async throws -> Result
) async throws -> Result {
    var configuration = HTTPTransport.Configuration()
    if extraCA { configuration.extraCAFile = TestCertificates.shared.caFile }
    configure(&configuration)
    let transport = try HTTPTransport(configuration: configuration)
    do {
        let result = try await body(transport)
        await transport.shutdown(grace: .zero)
        return result
    } catch {
        await transport.shutdown(grace: .zero)
        throw error
    }
}

func group(_ name: String = "test", opensWithOne: Bool = false) -> ConnectionGroup {
    ConnectionGroup(name: name, opensWithOne: opensWithOne)
}

func post(_ url: String, body: String) -> HTTPRequest {
    HTTPRequest(url: url, headers: [("content-type", "application/json")], body: Array(body.utf8))
}

/// All at once, the outcomes in order.
func burst(_ count: Int, _ send: @escaping @Sendable (Int) async -> HTTPOutcome) async -> [HTTPOutcome] {
    await withTaskGroup(of: (Int, HTTPOutcome).self) { tasks in
        for number in 0..<count { tasks.addTask { (number, await send(number)) } }
        var outcomes: [Int: HTTPOutcome] = [:]
        for await (number, outcome) in tasks { outcomes[number] = outcome }
        return (0..<count).compactMap { outcomes[$0] }
    }
}

struct Unexpected: Error, CustomStringConvertible {
    var description: String
}

func answer(_ outcome: HTTPOutcome) throws -> HTTPResponse {
    guard case .answered(let response) = outcome else { throw Unexpected(description: "not answered: \(outcome)") }
    return response
}

func notSent(_ outcome: HTTPOutcome) throws -> TransportFailure {
    guard case .notSent(let failure) = outcome else { throw Unexpected(description: "not «not sent»: \(outcome)") }
    return failure
}

func unknown(_ outcome: HTTPOutcome) throws -> TransportFailure {
    guard case .unknown(let failure) = outcome else { throw Unexpected(description: "not «unknown»: \(outcome)") }
    return failure
}
