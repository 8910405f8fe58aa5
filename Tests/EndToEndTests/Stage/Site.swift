import Foundation
import GRDB
import MockProviders

/// A folder with everything that one gateway needs: configuration, org files, secrets, database. Outlives the gateways that are started on it.
struct Site: Sendable {
    let folder: String
    var environment: [String: String] = [:]

    var configuration: String { "\(folder)/hermod.yaml" }
    var database: String { "\(folder)/hermod.sqlite" }
    var orgFile: String { "\(folder)/orgs/demo.yaml" }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"), options: .atomic)
    }

    /// - Parameter dispatch: more keys of `dispatch`, in YAML's flow form; `retry` alike.
    /// - Parameter more: more keys of the top level.
    func configure(for mocks: MockProviders, dispatch: String = "", retry: String = "", more: String = "") throws {
        let tls = "https://localhost:\(mocks.tlsPort)"
        try write(
            "hermod.yaml",
            """
            server: { port: 0 }
            database: { url: "sqlite:\(database)" }
            auth: { default_org: org_demo }
            orgs: { path: \(folder)/orgs }
            retry: { base: 50ms, cap: 200ms\(retry.isEmpty ? "" : ", \(retry)") }
            dispatch: { \(dispatch) }
            providers:
              ca_file: \(mocks.caFile ?? "")
              expo: { url: "\(tls)", receipt_delay: 200ms, receipt_interval: 200ms }
              apns: { production_url: "\(tls)", sandbox_url: "\(tls)" }
              fcm: { url: "\(tls)" }
            log: { level: notice, format: text }
            \(more)
            """)
    }

    /// Targets of the deliveries that a gateway, now dead, had taken up and not settled.
    func targetsUnderWay() throws -> Set<String> {
        try DatabaseQueue(path: database).read { db in
            Set(try String.fetchAll(db, sql: "SELECT address FROM deliveries WHERE state = 'sending'"))
        }
    }

    func declareDemo(for mocks: MockProviders, smtpPassword: String? = nil) throws {
        let keys = mocks.keysDirectory ?? ""
        var password = "file:\(keys)/smtp-password"
        if let smtpPassword {
            try write("smtp-password", smtpPassword)
            password = "file:../smtp-password"
        }
        try write(
            "orgs/demo.yaml",
            """
            org: org_demo
            credentials:
              - { provider: expo }
              - { provider: apns, team_id: MOCKTEAM01, key_id: MOCKKEY001, private_key: "file:\(keys)/AuthKey_MOCKKEY001.p8",
                  topic: com.example.app, environment: production }
              - { provider: fcm, service_account: "file:\(keys)/service-account.json" }
              - { provider: smtp, url: "smtp://localhost:\(mocks.smtpPort)", username: mock, password: "\(password)",
                  from: "Demo <no-reply@example.org>" }
            """)
    }
}

/// A site, gone afterwards.
func withSite<Value: Sendable>(_ body: (Site) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hermod-site-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder + "/orgs", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(Site(folder: folder))
}

/// Mocks, a site that is set up for them, and a gateway on it that is stopped in good order afterwards.
func withGateway<Value: Sendable>(
    dispatch: String = "", mocks configuration: MockConfiguration = .ephemeral,
    _ body: @Sendable (GatewayUnderTest, MockProviders, Site) async throws -> Value
) async throws -> Value {
    try await withMockProviders(configuration) { mocks in
        try await withSite { site in
            try site.configure(for: mocks, dispatch: dispatch)
            try site.declareDemo(for: mocks)
            let gateway = try await GatewayUnderTest.start(site)
            let value = try await body(gateway, mocks, site)
            let code = try await gateway.stop()
            guard code == 0 else { throw Unexpected(description: "the gateway ended with \(code): \(gateway.program.complaints.suffix(5))") }
            return value
        }
    }
}
