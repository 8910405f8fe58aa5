import API
import DeliveryEngine
import Logging
import Transport
import Vault

/// What is said once the gateway listens: enough to see at a glance which program runs where and on what.
struct StartReport: Sendable {
    let configuration: GatewayConfiguration
    let book: CredentialBook
    let migrations: [Int]

    func announce(port: Int, logger: Logger) {
        let host = configuration.http.host
        let address = "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        let lines = [
            "hermod \(version), \(HTTPTransport.version)",
            "database sqlite:\(configuration.databasePath)" + (migrations.isEmpty ? "" : ", schema brought to \(migrations.max() ?? 0)"),
            "\(count(book.organisations.count, "org")), \(count(book.files.lanes.count, "lane")) from \(configuration.orgsFolder)\(sealed)",
            "authentication \(authentication)",
            "listening on \(address)",
        ]
        for line in lines { StandardStream.output.line(line) }
        for warning in warnings { logger.warning("\(warning)") }
    }

    private var authentication: String {
        let credentials = ["API key"] + (configuration.tokens.summary.map { [$0] } ?? [])
        let mode = configuration.http.isOpen ? "open, acting for \(configuration.http.defaultOrg) without a credential" : "required"
        return "\(mode); accepted: \(credentials.joined(separator: " or "))"
    }

    var warnings: [String] {
        var warnings = book.files.faults.map { "org file: \($0)" }
        warnings += book.unopened.map { "vault: \($0)" }
        // Whoever has neither a key nor anything sealed keeps all credentials in files, and need not be told each time.
        if book.sealedCount > 0 || !book.masterKeys.ids.isEmpty, let fault = book.sealingFault { warnings.append("vault: \(fault)") }
        if book.lanes.isEmpty {
            warnings.append("no org has a credential: nothing can be sent until one is set, or a file in \(configuration.orgsFolder) declares one")
        }
        if configuration.http.isOpen, configuration.openBeyondLoopback {
            warnings.append("open on \(configuration.http.host): whoever reaches this address can send")
        }
        return warnings
    }

    private var sealed: String {
        guard book.sealedCount > 0 else { return "" }
        return ", \(count(book.sealedCount, "sealed credential")) in the database"
    }

    private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
