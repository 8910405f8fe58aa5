import Domain
import Transport

/// Writes what the gateway is configured by: one org above three, each with an account of its own at every provider.
struct Setting: Sendable {
    static let root = "proof"
    /// What is configured otherwise than by default, and has to be known elsewhere.
    static let maxAttempts = 12

    /// What the mock knows an org by; the secrets are in files.
    private struct Account: Sendable {
        var team: String
        var key: String
        var mailUser: String
        var serviceAccount: JSONObject
    }

    let folder: Folder
    let mock: MockControl
    private let accounts: [String: Account]

    /// Has the mock make an account for each org, and writes all files.
    init(folder: Folder, mock: MockControl) async throws(StartFault) {
        self.folder = folder
        self.mock = mock
        var accounts: [String: Account] = [:]
        for org in Cast.orgs { accounts[org] = try await Self.makeAccount(of: org, at: mock, in: folder) }
        self.accounts = accounts
        try writeConfiguration()
        try folder.write("orgs/\(Self.root).yaml", "org: \(Self.root)\n")
        for org in Cast.orgs { try write(org) }
    }

    private static func makeAccount(of org: String, at mock: MockControl, in folder: Folder) async throws(StartFault) -> Account {
        let made = try await mock.call(.post, "credentials", ["org": .string(org)])
        guard let apns = made["apns"], let team = apns["team_id"]?.string, let key = apns["key_id"]?.string, let pem = apns["private_key"]?.string,
            let fcm = made["fcm"]?.object, let smtp = made["smtp"], let user = smtp["username"]?.string, let password = smtp["password"]?.string,
            let token = made["expo"]?["access_token"]?.string
        else { throw StartFault("the mock made no account for \(org): \(made.text.prefix(200))") }
        for (name, secret) in [("p8", pem), ("smtp", password), ("expo", token)] {
            try folder.write("keys/\(org).\(name)", secret)
        }
        return Account(team: team, key: key, mailUser: user, serviceAccount: fcm)
    }

    var configuration: String { "\(folder.path)/hermod.yaml" }
    var clockFile: String { "\(folder.path)/clock" }
    var database: String { "\(folder.path)/hermod.sqlite" }

    private func writeConfiguration() throws(StartFault) {
        let tls = "https://localhost:\(mock.tlsPort)"
        try folder.write(
            "hermod.yaml",
            """
            server: { port: 0 }
            database: { url: "sqlite:\(database)" }
            auth: { default_org: \(Self.root) }
            orgs: { path: \(folder.path)/orgs }
            dispatch: { attempt_timeout: 5s, drain: 3s }
            retry: { max_attempts: \(Self.maxAttempts) }
            providers:
              ca_file: \(folder.path)/ca.pem
              expo: { url: "\(tls)", receipt_delay: 1s, receipt_interval: 1s }
              apns: { production_url: "\(tls)", sandbox_url: "\(tls)" }
              fcm: { url: "\(tls)" }
            log: { level: notice, format: text }

            """)
    }

    /// - Parameter host: where its mail relay and its token endpoint are; by default the mock.
    func write(_ org: String, host: String? = nil) throws(StartFault) {
        guard let account = accounts[org] else { throw StartFault("there is no org \(org)") }
        let keys = "\(folder.path)/keys/\(org)"
        var serviceAccount = account.serviceAccount
        if let host { serviceAccount["token_uri"] = .string("https://\(host)/token") }
        try folder.write("keys/\(org).json", JSON.object(serviceAccount).text)
        try folder.write(
            "orgs/\(org).yaml",
            """
            org: \(org)
            parent: \(Self.root)
            credentials:
              - { provider: expo, access_token: "file:\(keys).expo" }
              - { provider: apns, team_id: "\(account.team)", key_id: "\(account.key)", private_key: "file:\(keys).p8",
                  topic: com.example.app, environment: production }
              - { provider: fcm, service_account: "file:\(keys).json" }
              - { provider: smtp, url: "smtp://\(host ?? "localhost"):\(mock.smtpPort)", username: "\(account.mailUser)", password: "file:\(keys).smtp",
                  from: "Proof <proof@example.org>" }

            """)
    }
}
