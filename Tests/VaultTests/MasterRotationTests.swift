import Domain
import SQLiteStorage
import Storage
import Testing

@testable import Vault

@Suite struct MasterRotationTests {
    private func rotation(_ vault: VaultFixture, _ keys: String, step: Int = 100) throws -> MasterRotation {
        MasterRotation(store: vault.store, masterKeys: try MasterKeySource(reference: "env:K", environment: ["K": keys]), step: step)
    }

    private func lane(_ name: String) -> LaneKey { LaneKey(orgID: "org_a", provider: .expo, credential: name) }

    @Test func `everything comes under the first key, the sealed texts stay, and the old key is refused afterwards`() async throws {
        try await withVault { vault in
            let old = try await vault.book(keys: Keys.text("k1"))
            for number in 0..<25 { _ = try await old.put(.expo("t\(number)", name: "n\(number)")) }
            _ = try await old.follow(.expo("newer", name: "n3"))
            let before = try await vault.store.snapshot().credentials
            let report = try await rotation(vault, Keys.texts("k2", "k1"), step: 10).run(time: vault.time)
            #expect(report == MasterRotation.Report(target: "k2", rewrapped: 26, retired: ["k1"], leftBehind: []))
            let after = try await vault.store.snapshot().credentials
            #expect(after.map(\.envelope.sealed) == before.map(\.envelope.sealed) && after.allSatisfy { $0.envelope.masterKeyID == "k2" })
            #expect(zip(after, before).allSatisfy { $0.envelope.wrappedKey != $1.envelope.wrappedKey })
            // The gateway that has only the old key goes on with what it has opened, and seals nothing.
            try await old.refresh()
            #expect(old.token(of: lane("n24")) == "t24" && old.versions(of: lane("n3"))?.previous?.token == "t3")
            await #expect {
                _ = try await old.put(.expo("x"))
            } throws: { error in
                guard case .noMasterKey(let words) = error as? VaultFault else { return false }
                return words.contains("k1 was retired") && words.contains("put k2, the current one, first")
            }
            #expect(try await vault.store.countsByMasterKey() == ["k2": 26])
            // And one that starts with it opens nothing.
            let late = try await vault.book(keys: Keys.text("k1"))
            #expect(late.versions(of: lane("n1")) == nil && late.unopened.count == 1 && late.unopened[0].contains("k2"))
            #expect(try await vault.book(keys: Keys.text("k2")).token(of: lane("n1")) == "t1")
        }
    }

    @Test func `a gateway that knows of no retirement yet is refused by the database itself`() async throws {
        try await withVault { vault in
            let gateway = try await vault.book(keys: Keys.text("k1"))
            _ = try await gateway.put(.expo("t"))
            _ = try await rotation(vault, Keys.texts("k2", "k1")).run(time: vault.time)
            await #expect {
                _ = try await gateway.put(.expo("x", name: "other"))
            } throws: { error in
                (error as? VaultFault)?.description.contains("put k2, the current one, first") ?? false
            }
            #expect(try await vault.store.snapshot().credentials.map(\.lane.credential) == ["main"])
        }
    }

    @Test func `credentials that are set meanwhile are not left behind`() async throws {
        try await withVault { vault in
            let gateway = try await vault.book(keys: Keys.text("k1"))
            for number in 0..<60 { _ = try await gateway.put(.expo("t\(number)", name: "n\(number)")) }
            let change = try rotation(vault, Keys.texts("k2", "k1"), step: 3)
            async let late = setUntilRefused(gateway)
            let report = try await change.run(time: vault.time)
            let stored = try await late
            #expect(report.leftBehind == [] && report.retired == ["k1"])
            let counts = try await vault.store.countsByMasterKey()
            #expect(counts == ["k2": 60 + stored])
            let fresh = try await vault.book(keys: Keys.text("k2"))
            #expect(fresh.unopened == [] && fresh.lanes.count == 60 + stored)
        }
    }

    /// - Returns: how many were stored.
    private func setUntilRefused(_ gateway: CredentialBook) async throws -> Int {
        for number in 0..<2_000 {
            do {
                _ = try await gateway.put(.expo("late", name: "late\(number)"))
            } catch is VaultFault {
                return number
            }
        }
        return 2_000
    }

    @Test func `one that is interrupted is carried on by the next, and everything opens in between`() async throws {
        try await withVault { vault in
            let gateway = try await vault.book(keys: Keys.text("k1"))
            for number in 0..<9 { _ = try await gateway.put(.expo("t\(number)", name: "n\(number)")) }
            let keys = try MasterKeys(Secret(Keys.texts("k2", "k1")))
            let (new, old) = (keys.all[0], keys.all[1])
            // One step, and then the process is gone.
            let step = try await vault.store.rewrap(to: new.mark, from: [old.mark], passing: [], limit: 4, now: vault.time.now) {
                CredentialSeal.rewrap($0, from: old, to: new)
            }
            #expect(step.rewrapped == 4 && !step.isDone)
            #expect(try await vault.book(keys: Keys.texts("k2", "k1")).unopened == [])
            #expect(try await vault.book(keys: Keys.texts("k1", "k2")).unopened == [])
            let report = try await rotation(vault, Keys.texts("k2", "k1")).run(time: vault.time)
            #expect(report.rewrapped == 5 && report.retired == ["k1"])
            let again = try await rotation(vault, Keys.texts("k2", "k1")).run(time: vault.time)
            #expect(again == MasterRotation.Report(target: "k2"))
        }
    }

    @Test func `what can't be re-wrapped is named and keeps its key from being retired`() async throws {
        try await withVault { vault in
            _ = try await vault.book(keys: Keys.text("k0")).put(.expo("zero", name: "zero"))
            let book = try await vault.book(keys: Keys.text("k1"))
            for name in ["a", "b", "c"] { _ = try await book.put(.expo(name, name: name)) }
            _ = try await vault.database.write { connection in
                try connection.run("UPDATE credentials SET wrapped_key = 'AAAA' WHERE name = 'b'", [])
            }
            let report = try await rotation(vault, Keys.texts("k2", "k1"), step: 1).run(time: vault.time)
            #expect(report.rewrapped == 2 && report.retired == [])
            #expect(report.leftBehind.count == 2)
            #expect(report.leftBehind.contains { $0.hasPrefix("org_a/expo/b: does not unwrap with the master key k1") })
            #expect(
                report.leftBehind.contains { $0.hasPrefix("org_a/expo/zero: is sealed with the master key k0, which is not in vault.master_key") })
            try await book.remove(lane("b"))
            let second = try await rotation(vault, Keys.texts("k2", "k1", "k0")).run(time: vault.time)
            #expect(second.rewrapped == 1 && second.retired.sorted() == ["k0", "k1"] && second.leftBehind == [])
        }
    }

    @Test func `a retired key, another key of a known id or none at all is no target`() async throws {
        try await withVault { vault in
            _ = try await vault.book(keys: Keys.text("k1")).put(.expo("t"))
            _ = try await rotation(vault, Keys.texts("k2", "k1")).run(time: vault.time)
            for (keys, words) in [
                (Keys.texts("k1", "k2"), "k1 was retired"), (Keys.text("k2", seed: "x"), "other bytes under the id k2"),
            ] {
                await #expect {
                    _ = try await rotation(vault, keys).run(time: vault.time)
                } throws: { error in
                    (error as? VaultFault)?.description.contains(words) ?? false
                }
            }
            let none = MasterRotation(store: vault.store, masterKeys: try MasterKeySource(reference: "", environment: [:]))
            await #expect(throws: VaultFault.self) { try await none.run(time: vault.time) }
            #expect(try await vault.store.countsByMasterKey() == ["k2": 1])
        }
    }

    @Test func `a key that never sealed anything is retired too, and so is one that is not at hand any more`() async throws {
        try await withVault { vault in
            _ = try await vault.book(keys: Keys.text("k0")).put(.expo("t"))
            _ = try await vault.book(keys: Keys.texts("k1", "k0")).put(.expo("t"))
            let report = try await rotation(vault, Keys.texts("k3", "k2", "k1")).run(time: vault.time)
            #expect(report.retired == ["k0", "k1", "k2"])
            await #expect(throws: VaultFault.self) { try await vault.book(keys: Keys.text("k2")).put(.expo("t")) }
        }
    }

    @Test func `the status tells each key's standing and what does not open`() async throws {
        try await withVault { vault in
            #expect(try await VaultStatus.read(vault.store, MasterKeySource(reference: "", environment: [:])).keys == [])
            _ = try await vault.book(keys: Keys.text("k0")).put(.expo("0", name: "zero"))
            _ = try await vault.book(keys: Keys.text("k1")).put(.expo("1", name: "one"))
            _ = try await vault.book(keys: Keys.text("kw")).put(.expo("1", name: "w"))
            _ = try await vault.book(keys: Keys.text("kr")).put(.expo("2", name: "two"))
            let gone = try await vault.book(keys: Keys.text("kr"))
            try await gone.remove(lane("two"))
            _ = try await rotation(vault, Keys.texts("k2")).run(time: vault.time)
            let source = try MasterKeySource(
                reference: "env:K", environment: ["K": [Keys.text("k2"), Keys.text("k1"), Keys.text("kw", seed: "x")].joined(separator: ",")])
            let status = try await VaultStatus.read(vault.store, source)
            #expect(
                status.keys.map { "\($0.id) \($0.standing.rawValue) \($0.credentials)" }
                    == ["k2 seals 0", "k1 opens 1", "kw wrong 1", "k0 missing 1", "kr retired 0"])
            #expect(status.sealingFault == nil && status.unopened.count == 2)
        }
    }
}
