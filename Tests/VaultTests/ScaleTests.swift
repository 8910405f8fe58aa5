import Domain
import Foundation
import Storage
import Testing

@testable import Vault

/// An org with a thousand credentials starts in under a second. Measured until it does, for other suites run meanwhile; what grows with the square of their number
/// never does.
@Suite struct ScaleTests {
    private static let count = 1_000

    /// A sanitizer, which is known by its runtime in the program, makes all of it many times as slow. What grows with the square is still found then.
    private static let limit: Duration = dlsym(nil, "__tsan_init") == nil && dlsym(nil, "__asan_init") == nil ? .seconds(1) : .seconds(30)

    private func fastest(_ work: () async throws -> Void) async throws -> Duration {
        var best: Duration = .seconds(3_600)
        for _ in 0..<20 where best >= Self.limit { best = min(best, try await ContinuousClock().measure { try await work() }) }
        return best
    }

    @Test func `a thousand sealed credentials are opened in under a second`() async throws {
        try await withVault { vault in
            let book = try await vault.book(keys: Keys.text("k1"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                let key = try #require(book.masterKeys.reading.keys.sealing)
                for number in 0..<Self.count {
                    let identity = APNsAccount.Identity.key(pem: Secret(Samples.key), keyID: "KEY1234567", teamID: "TEAM123456")
                    let account = Credential.Account.apns(
                        APNsAccount(identity: identity, topic: "com.example.app\(number)", environment: .production))
                    let credential = Credential(orgID: "org_a", name: "n\(number)", account: account)
                    let draft = SealedCredential.Draft(
                        lane: credential.lane, apps: credential.apps, facts: "{}", setAt: vault.time.now, setBy: nil)
                    group.addTask {
                        _ = try await vault.store.put(draft, .replacing, under: key.mark) { version in
                            try CredentialSeal.seal(
                                SealedAccount(account, fingerprint: "f").bytes, as: .init(lane: credential.lane, version: version), with: key)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let time = try await fastest {
                let fresh = try await vault.book(keys: Keys.text("k1"))
                #expect(fresh.lanes.count == Self.count && fresh.unopened == [])
                #expect(fresh.lane(orgID: "org_a", provider: .apns, name: nil, app: "com.example.app777")?.credential == "n777")
            }
            print("opening \(Self.count) sealed credentials: \(time)")
            #expect(time < Self.limit)
        }
    }

    @Test func `an org file with a thousand credentials is read in under a second, with and without faults`() async throws {
        let entries = (0..<Self.count).map { number in
            """
              - { provider: apns, name: n\(number), team_id: TEAM123456, key_id: KEY1234567, private_key: "file:AuthKey.p8",
                  topic: com.example.app\(number), environment: production }

            """
        }
        let text = "org: org_a\ncredentials:\n" + entries.joined()
        try await withOrgFolder(["a.yaml": text, "AuthKey.p8": Samples.key]) { folder in
            let time = try await fastest {
                let orgs = folder.read()
                #expect(orgs.lanes.count == Self.count && orgs.faults == [])
                #expect(orgs.reload() == [])
            }
            print("reading an org file of \(Self.count) credentials twice: \(time)")
            #expect(time < Self.limit)
            try folder.write("a.yaml", text.replacing("TEAM123456", with: "SHORT"))
            let faulty = try await fastest { #expect(folder.read().faults.count == Self.count) }
            print("reading it with \(Self.count) faults: \(faulty)")
            #expect(faulty < Self.limit)
        }
    }
}
