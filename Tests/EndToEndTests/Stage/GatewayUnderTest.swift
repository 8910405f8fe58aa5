import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import NIOHTTP1

/// A gateway as a process of its own, on a port of its own, and a client that talks to it.
struct GatewayUnderTest: Sendable {
    let program: Program
    let address: String

    struct Answer: Sendable {
        var status: Int
        var headers: [String: String]
        /// Null where the body is none.
        var json: JSON
        var text: String
    }

    /// A gateway that is gone is told at once: the client's own retries would hide it for a minute. Lives as long as the tests.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// Returns when the gateway can be given work.
    static func start(_ site: Site, shell: String? = nil) async throws -> GatewayUnderTest {
        let program = try Program("hermod", ["serve", "--config", site.configuration], environment: site.environment, shell: shell)
        let address = try await program.line { line in
            line.hasPrefix("listening on ") ? String(line.dropFirst("listening on ".count)) : nil
        }
        let gateway = GatewayUnderTest(program: program, address: address)
        try await poll(within: .seconds(20)) { () -> Poll<Void> in
            let answer = try await gateway.get("/readyz")
            return answer.status == 200 ? .found(()) : .notYet(answer.json.text)
        }
        return gateway
    }

    func get(_ path: String) async throws -> Answer { try await send("GET", path) }

    @discardableResult
    func post(_ path: String, _ body: JSON, headers: [String: String] = [:]) async throws -> Answer {
        try await send("POST", path, body: body.bytes, headers: ["content-type": "application/json"].merging(headers) { $1 })
    }

    func send(_ method: String, _ path: String, body: [UInt8]? = nil, headers: [String: String] = [:]) async throws -> Answer {
        var request = HTTPClientRequest(url: address + path)
        request.method = .init(rawValue: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(body) }
        let response = try await Self.client.execute(request, timeout: .seconds(60))
        let bytes = Array(buffer: try await response.body.collect(upTo: 16 << 20))
        let fields = Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { first, _ in first })
        return Answer(
            status: Int(response.status.code), headers: fields, json: (try? JSON(parsing: bytes)) ?? .null,
            text: String(decoding: bytes, as: UTF8.self))
    }

    /// Registers a device and returns its token.
    func register(_ token: String, user: String, platform: String) async throws {
        let answer = try await post(
            "/api/v1/push-notifications/device-tokens", ["user_id": .string(user), "token": .string(token), "platform": .string(platform)])
        guard answer.status == 201 || answer.status == 200 else {
            throw Unexpected(description: "registering gave \(answer.status): \(answer.json.text)")
        }
    }

    func importDirectory(_ entries: [JSON]) async throws {
        try await importDirectory(lines: entries.map(\.text).joined(separator: "\n"))
    }

    /// All of the lines have to be right.
    private func importDirectory(lines: String) async throws {
        let answer = try await send(
            "POST", "/api/v1/directory/import", body: Array(lines.utf8), headers: ["content-type": "application/x-ndjson"])
        guard answer.status == 200, answer.json["failed"] == 0 else {
            throw Unexpected(description: "the import gave \(answer.status): \(answer.json.text)")
        }
    }

    /// What the demo imports.
    func importDevelopmentDirectory() async throws {
        let file = Program.package.appendingPathComponent("config/development/directory.ndjson.in")
        let now = SystemTime().now
        var lines = try String(contentsOf: file, encoding: .utf8)
        for days: Int64 in [12, 30, 90] { lines = lines.replacing("@IN_\(days)_DAYS@", with: (now + .seconds(days * 86_400)).rfc3339Seconds) }
        try await importDirectory(lines: lines)
    }

    /// The delivery's story once it is in one of these states.
    func delivery(_ id: String, in states: Set<String>, within limit: Duration = .seconds(20)) async throws -> JSON {
        try await poll(within: limit) {
            let answer = try await get("/api/v1/deliveries/\(id)")
            return states.contains(answer.json["state"]?.string ?? "") ? .found(answer.json) : .notYet(answer.json.text)
        }
    }

    /// Asks to stop and returns the exit code.
    @discardableResult
    func stop() async throws -> Int32 {
        program.signal(SIGTERM)
        return try await program.exit()
    }
}

struct Unexpected: Error, CustomStringConvertible {
    let description: String
}

enum Poll<Value> {
    case found(Value)
    case notYet(String)
}

/// Asks again until there is an answer: for states that only a REST call can tell.
func poll<Value>(within limit: Duration, _ ask: () async throws -> Poll<Value>) async throws -> Value {
    let end = ContinuousClock.now + limit
    while true {
        switch try await ask() {
        case .found(let value): return value
        case .notYet(let last):
            guard ContinuousClock.now < end else { throw Unexpected(description: "not within \(limit); last seen: \(last)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
