import API
import ArgumentParser
import Domain
import Transport

/// `--url` and who calls: how a command talks to a running gateway.
struct RESTOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The gateway's address; by default what the configuration says.", valueName: "url"))
    var url: String?

    @OptionGroup var credential: CredentialOptions
    @OptionGroup var configuration: ConfigurationOptions

    /// Runs `body` with a client, and ends with one line where something is in the way.
    func withClient(_ body: (RESTClient) async throws -> Void) async throws {
        do {
            let client = try RESTClient(address: try address(), credential: try credential.read(ConfigurationOptions.environment))
            do {
                try await body(client)
            } catch {
                await client.close()
                throw error
            }
            await client.close()
        } catch let fault as StartFault {
            throw fail([fault])
        }
    }

    private func address() throws(StartFault) -> String {
        if let url { return url.hasSuffix("/") ? String(url.dropLast()) : url }
        let loaded = try configuration.load { Loggers.logger("hermod.orgs", $0) }
        return try loaded.configuration.address()
    }
}

/// Talks to a running gateway as any other caller does.
struct RESTClient {
    private let address: String
    private let credential: Secret?
    private let transport: HTTPTransport

    init(address: String, credential: Secret? = nil) throws(StartFault) {
        self.address = address
        self.credential = credential
        do {
            var configuration = HTTPTransport.Configuration()
            // An import's answer names up to a thousand faulty lines.
            configuration.maxResponseBytes = 8 << 20
            transport = try HTTPTransport(configuration: configuration)
        } catch {
            throw StartFault("libcurl can't be set up: \(error)")
        }
    }

    func get(_ path: String) async throws(StartFault) -> JSON {
        try await answer(HTTPRequest(method: .get, url: address + path, headers: [("accept", "application/json")], body: []))
    }

    /// What is no JSON, as it is. A body that broke off is a fault, and not a short one.
    func text(_ path: String) async throws(StartFault) -> [UInt8] {
        let response = try await send(HTTPRequest(method: .get, url: address + path, headers: [], body: []))
        guard (200..<300).contains(response.status) else {
            throw StartFault(Self.problem((try? JSON(parsing: response.body)) ?? .null, status: response.status))
        }
        guard !response.isTruncated else { throw StartFault("the gateway's answer broke off", remedy: "look into its log") }
        return response.body
    }

    func post(_ path: String, _ body: JSON) async throws(StartFault) -> JSON {
        let headers = [(name: "content-type", value: "application/json"), (name: "accept", value: "application/json")]
        return try await answer(HTTPRequest(url: address + path, headers: headers, body: body.bytes))
    }

    /// Any other call, with its answer's status. A refusal names each fault on a line of its own.
    func call(_ method: HTTPRequest.Method, _ path: String, _ body: JSON?) async throws(StartFault) -> (status: Int, json: JSON) {
        var headers = [(name: "accept", value: "application/json")]
        if body != nil { headers.append((name: "content-type", value: "application/json")) }
        let (json, response) = try await exchange(HTTPRequest(method: method, url: address + path, headers: headers, body: body?.bytes ?? []))
        return (response.status, json)
    }

    /// RFC 3986 section 2.3: everything but unreserved characters.
    static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }

    /// - Returns: the answer, and what the gateway says it has ignored.
    func post(_ path: String, _ body: [UInt8], type: String) async throws(StartFault) -> (json: JSON, warning: String?) {
        let headers = [(name: "content-type", value: type), (name: "accept", value: "application/json")]
        let (json, response) = try await exchange(HTTPRequest(url: address + path, headers: headers, body: body))
        return (json, response[header: "warning"].map(Self.warning))
    }

    /// What stands in quotes behind the code and the agent (RFC 9111 section 5.5 has no more of it, RFC 7234 has).
    private static func warning(_ field: String) -> String {
        guard let quote = field.firstIndex(of: "\""), field.hasSuffix("\""), field.count > 2 else { return field }
        return String(field[field.index(after: quote)...].dropLast())
    }

    /// Whether what is sent can be read on its way: without TLS, and not just within this machine.
    var isOverheard: Bool {
        guard address.hasPrefix("http://") else { return false }
        let host = address.dropFirst("http://".count).prefix { $0 != "/" }
        if host.hasPrefix("[") { return !Loopback.contains(String(host.dropFirst().prefix { $0 != "]" })) }
        return !Loopback.contains(String(host.prefix { $0 != ":" }))
    }

    func close() async { await transport.shutdown(grace: .zero) }

    private func answer(_ request: HTTPRequest) async throws(StartFault) -> JSON { try await exchange(request).json }

    private func exchange(_ request: HTTPRequest) async throws(StartFault) -> (json: JSON, response: HTTPResponse) {
        let response = try await send(request)
        guard !response.isTruncated, let json = try? JSON(parsing: response.body) else {
            throw StartFault("what answers at \(address) is no gateway (status \(response.status))", remedy: "name the gateway with --url")
        }
        guard (200..<300).contains(response.status) else { throw StartFault(Self.problem(json, status: response.status)) }
        return (json, response)
    }

    private func send(_ request: HTTPRequest) async throws(StartFault) -> HTTPResponse {
        var request = request
        if let credential { request.headers.append(("authorization", "Bearer \(credential.revealText())")) }
        switch await transport.send(request, in: ConnectionGroup(name: "gateway"), timeout: .seconds(60)) {
        case .answered(let response): return response
        case .notSent(let failure):
            throw StartFault("no gateway can be reached at \(address): \(failure.message)", remedy: "start it, or name it with --url")
        case .unknown(let failure):
            throw StartFault(
                "the gateway at \(address) did not answer: \(failure.message)", remedy: "look into its log; the call may have been carried out")
        }
    }

    /// RFC 9457 in a line, or a line for each of several faults.
    private static func problem(_ json: JSON, status: Int) -> String {
        let errors = (json["errors"]?.array ?? []).map { error in
            let member = error["pointer"]?.string?.drop { $0 == "/" } ?? ""
            return (member.isEmpty ? "" : "\(member): ") + (error["detail"]?.string ?? "")
        }
        let detail =
            switch errors.count {
            case 0: " " + (json["detail"]?.string ?? json["title"]?.string ?? "no reason given")
            case 1: " " + errors[0]
            default: errors.map { "\n  \($0)" }.joined()
            }
        return "the gateway answered \(status):\(detail)"
    }
}
