import Domain
import Foundation
import Logging
import MockProviders
import SQLiteStorage
import Storage
import Vault

/// A site whose credentials are sealed in its database, and which has its master keys in a file unless it is said otherwise.
struct SealedSite: Sendable {
    let site: Site
    private let masterKeys: String

    var keyFile: String { "\(site.folder)/master" }

    /// - Parameter masterKeys: what the site's `vault.master_key` says.
    init(site: Site, masterKeys: String) {
        self.site = site
        self.masterKeys = masterKeys
    }

    init(_ site: Site, _ mocks: MockProviders) throws {
        self.init(site: site, masterKeys: "file:\(site.folder)/master")
        try site.configure(for: mocks)
        let text = try String(contentsOfFile: site.configuration, encoding: .utf8)
        try site.write("hermod.yaml", text + "\nvault: { master_key: \"file:\(keyFile)\" }\n")
        try site.write("orgs/demo.yaml", "org: org_demo\n")
    }

    /// A new key by the command that makes them, and the text that it has printed.
    func generateKey(_ id: String) async throws -> String {
        let program = try Program("hermod", ["vault", "generate-key", "--id", id])
        let text = try await program.line { $0 }
        guard try await program.exit() == 0 else { throw Unexpected(description: "generate-key: \(program.complaints)") }
        return text
    }

    func writeKeys(_ keys: String...) throws { try site.write("master", keys.joined(separator: ",") + "\n") }

    /// What another process on the same database has: the test itself.
    func withBook<T>(_ body: (CredentialBook) async throws -> T) async throws -> T {
        let database = try SQLiteDatabase(path: site.database, tenure: .beside)
        let result: Result<T, any Error>
        do {
            try await Migrator().migrate(database)
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let book = CredentialBook(
                files: OrgFiles(folder: "\(site.folder)/orgs", environment: [:], logger: logger),
                store: CredentialStore(GroupCommit(database: database)),
                masterKeys: try MasterKeySource(reference: masterKeys, environment: site.environment), inspector: NoFacts(), time: SystemTime(),
                logger: logger)
            try await book.refresh()
            result = .success(try await body(book))
        } catch {
            result = .failure(error)
        }
        await database.close()
        return try result.get()
    }

    /// The mocks' APNs key and mailbox for org_demo.
    func sealDemo(for mocks: MockProviders, into book: CredentialBook) async throws {
        let keys = mocks.keysDirectory ?? ""
        let pem = try String(contentsOfFile: "\(keys)/AuthKey_MOCKKEY001.p8", encoding: .utf8)
        let password = try String(contentsOfFile: "\(keys)/smtp-password", encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        let apns = APNsAccount(
            identity: .key(pem: Secret(pem), keyID: "MOCKKEY001", teamID: "MOCKTEAM01"), topic: "com.example.app", environment: .production)
        let smtp = SMTPAccount(
            host: "localhost", port: mocks.smtpPort, security: .starttls, username: "mock", password: Secret(password),
            from: "Demo <no-reply@example.org>")
        for account in [Credential.Account.apns(apns), .smtp(smtp)] {
            _ = try await book.set(
                Credential(orgID: "org_demo", name: "main", account: account), facts: CredentialFacts(fingerprint: "f"), by: "test")
        }
    }

    /// Credentials that nobody sends with: a weight to carry.
    func sealMany(_ count: Int, into book: CredentialBook) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask {
                    let credential = Credential(
                        orgID: "org_many", name: "n\(number)", account: .expo(ExpoAccount(accessToken: Secret("token \(number)"))))
                    _ = try await book.set(credential, facts: CredentialFacts(fingerprint: "f"), by: "test")
                }
            }
            try await group.waitForAll()
        }
    }

    /// Runs a command on the site to its end.
    func run(_ words: String...) async throws -> (code: Int32, output: String, complaints: String) {
        let program = try Program("hermod", words + ["--config", site.configuration], environment: site.environment)
        let code = try await program.exit()
        return (code, program.lines.joined(separator: "\n"), program.complaints.joined(separator: "\n"))
    }

    private struct NoFacts: CredentialInspector {
        func inspect(_ credential: Credential, now: Timestamp) throws(CredentialFaults) -> CredentialFacts { CredentialFacts(fingerprint: "f") }
    }
}
