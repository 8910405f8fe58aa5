import Crypto
import Domain
import Foundation
import Logging
import SQLiteStorage
import Storage
import Synchronization

@testable import Vault

/// A database, a folder of org files and master keys for the length of a test.
struct VaultFixture {
    let folder: OrgFolderFixture
    let database: SQLiteDatabase
    let store: CredentialStore
    let time = TestTime()
    let inspector = TestInspector()

    var databasePath: String { folder.path + "/db/hermod.sqlite" }
    var keyFile: String { folder.path + "/keys/master" }

    /// A book as a gateway of its own would have it. Without `keys` they come from the fixture's file.
    func book(keys: String? = nil) async throws -> CredentialBook {
        let source =
            if let keys {
                try MasterKeySource(reference: "env:KEYS", environment: ["KEYS": keys])
            } else {
                try MasterKeySource(reference: "file:\(keyFile)", environment: [:])
            }
        let book = CredentialBook(
            files: folder.read(), store: CredentialStore(GroupCommit(database: database)), masterKeys: source, inspector: inspector, time: time,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await book.refresh()
        return book
    }

    func writeKeys(_ text: String) throws {
        try FileManager.default.createDirectory(atPath: folder.path + "/keys", withIntermediateDirectories: true)
        try folder.write("keys/master", text)
    }
}

func withVault<T>(_ files: [String: String] = [:], _ body: (VaultFixture) async throws -> T) async throws -> T {
    try await withOrgFolder(files) { folder in
        let database = try SQLiteDatabase(path: folder.path + "/db/hermod.sqlite")
        let result: Result<T, any Error>
        do {
            try await Migrator().migrate(database)
            let store = CredentialStore(GroupCommit(database: database))
            result = .success(try await body(VaultFixture(folder: folder, database: database, store: store)))
        } catch {
            result = .failure(error)
        }
        await database.close()
        return try result.get()
    }
}

/// Keys that a test can tell apart. Bytes from a seed, so that two texts of one name are the same key.
enum Keys {
    static func text(_ id: String, seed: String? = nil) -> String {
        let bytes = Array(SHA256.hash(data: Data("seed \(seed ?? id)".utf8)))
        return "\(id):\(Data(bytes).base64EncodedString())"
    }

    static func texts(_ ids: String...) -> String { ids.map { text($0) }.joined(separator: ",") }
}

/// A clock that a test moves by hand.
final class TestTime: TimeSource {
    private let moment = Mutex(Timestamp(seconds: 1_790_000_000))

    var now: Timestamp { moment.withLock { $0 } }
    func advance(by duration: Duration) { moment.withLock { $0 = $0 + duration } }

    /// The machine's own clock: only the pace of polls depends on it.
    func sleep(until deadline: Timestamp) async throws { try await Task.sleep(for: .milliseconds(20)) }
}

/// Says what a test told it of a credential; a fault for an account that it was told to refuse.
final class TestInspector: CredentialInspector {
    private let ends = Mutex<[LaneKey: Timestamp]>([:])
    private let refused = Mutex<Set<LaneKey>>([])
    private let asked = Mutex(0)

    var times: Int { asked.withLock { $0 } }

    func end(_ lane: LaneKey, at time: Timestamp) { ends.withLock { $0[lane] = time } }
    func refuse(_ lane: LaneKey) { refused.withLock { _ = $0.insert(lane) } }

    func inspect(_ credential: Credential, now: Timestamp) throws(CredentialFaults) -> CredentialFacts {
        asked.withLock { $0 += 1 }
        if refused.withLock({ $0.contains(credential.lane) }) {
            throw CredentialFaults([CredentialFault(field: "private_key", message: "is no key", remedy: "Use another.")])
        }
        return CredentialFacts(notAfter: ends.withLock { $0[credential.lane] }, fingerprint: "f-\(credential.name)", members: ["kind": "test"])
    }
}

extension Credential {
    static func expo(_ token: String, org: String = "org_a", name: String = "main", apps: Set<String> = []) -> Credential {
        Credential(orgID: org, name: name, account: .expo(ExpoAccount(accessToken: Secret(token))), apps: apps)
    }

    var token: String? {
        if case .expo(let account) = account { account.accessToken?.revealText() } else { nil }
    }
}

extension CredentialBook {
    func token(of lane: LaneKey) -> String? { versions(of: lane)?.current.token }

    func put(_ credential: Credential) async throws -> CredentialEntry {
        try await set(credential, facts: CredentialFacts(fingerprint: "f"), by: "tester")
    }

    func follow(_ credential: Credential, overlap: Duration? = nil) async throws -> CredentialEntry {
        try await rotate(credential, facts: CredentialFacts(fingerprint: "f2"), overlap: overlap, by: "tester")
    }
}
