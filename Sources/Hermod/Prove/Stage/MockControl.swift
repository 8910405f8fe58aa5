import Domain
import Transport

/// The mock providers as a process of its own, and what one can ask and tell it.
struct MockControl: Sendable {
    let process: ChildProcess
    /// `http://127.0.0.1:PORT`
    let address: String
    let tlsPort: Int
    let smtpPort: Int
    private let transport: HTTPTransport

    /// Messages that the mock keeps: more than can come between two readings.
    private static let retention = 50_000

    /// Returns when it listens.
    static func start(_ program: String, in folder: Folder, launch: Launcher, transport: HTTPTransport) async throws -> MockControl {
        let process = try launch(
            "mock-providers", program,
            [
                "--http-port", "0", "--tls-port", "0", "--smtp-port", "0", "--smtps-port", "0", "--ca-file", "\(folder.path)/ca.pem", "--keys-dir",
                "\(folder.path)/keys", "--retention", "\(retention)", "--receipt-delay", "1s",
            ])
        let line = try await process.line(within: .seconds(30)) { $0.hasPrefix("mock-providers ready ") ? $0 : nil }
        guard let http = port("http", in: line), let tls = port("tls", in: line), let smtp = port("smtp", in: line) else {
            throw StartFault("\(program) says something else than its ports: \(line)", remedy: "use the mock-providers of this version (--mock)")
        }
        return MockControl(process: process, address: "http://127.0.0.1:\(http)", tlsPort: tls, smtpPort: smtp, transport: transport)
    }

    private static func port(_ name: String, in line: String) -> Int? {
        line.split(separator: " ").first { $0.hasPrefix("\(name)=") }.flatMap { $0.split(separator: ":").last }.flatMap { Int($0) }
    }

    /// What came after message `number`, oldest first; waits a little where nothing has.
    func messages(after number: Int) async throws(StartFault) -> [JSON] {
        try await call(.get, "messages?after=\(number)&brief=true&limit=\(Self.retention)&wait=250ms&min=1")["messages"]?.array ?? []
    }

    /// Puts scripts in force and returns their numbers.
    func script(_ scripts: [JSON]) async throws(StartFault) -> [Int] {
        (try await call(.post, "script", .array(scripts))["ids"]?.array ?? []).compactMap { $0.integer.map(Int.init) }
    }

    /// A script that has been used up is still there to be removed.
    func remove(_ scripts: [Int]) async throws(StartFault) {
        for script in scripts { _ = try await call(.delete, "script/\(script)") }
    }

    func setChaos(_ chaos: JSON) async throws(StartFault) { _ = try await call(.post, "chaos", chaos) }
    func endChaos() async throws(StartFault) { _ = try await call(.delete, "chaos") }

    @discardableResult
    func call(_ method: HTTPRequest.Method, _ path: String, _ body: JSON? = nil) async throws(StartFault) -> JSON {
        let request = HTTPRequest(
            method: method, url: "\(address)/_mock/\(path)", headers: [("content-type", "application/json")], body: body?.bytes ?? [])
        switch await transport.send(request, in: ConnectionGroup(name: "mock", maxConnections: 4), timeout: .seconds(60)) {
        case .answered(let response):
            guard (200..<300).contains(response.status), !response.isTruncated else {
                throw StartFault("the mock answered \(response.status) to \(path): \(String(decoding: response.body.prefix(200), as: UTF8.self))")
            }
            if response.body.isEmpty { return .null }
            guard let json = try? JSON(parsing: response.body) else { throw StartFault("the mock's answer to \(path) is no JSON") }
            return json
        case .notSent(let failure), .unknown(let failure): throw StartFault("the mock does not answer to \(path): \(failure.message)")
        }
    }
}
