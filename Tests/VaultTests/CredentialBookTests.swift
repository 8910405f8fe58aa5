import Domain
import SQLiteStorage
import Storage
import Synchronization
import Testing

@testable import Vault

@Suite struct CredentialBookTests {
    private let lane = LaneKey(orgID: "org_a", provider: .expo, credential: "main")
    private let file = "org: org_a\ncredentials:\n  - { provider: expo, access_token: \"file:token\" }\n"

    @Test func `what is set is used at once, and by other processes after their next look`() async throws {
        try await withVault { vault in
            try vault.writeKeys(Keys.text("k1"))
            let book = try await vault.book()
            let other = try await vault.book()
            let heard = Mutex<[Set<LaneKey>]>([])
            book.listener.withLock { $0 = { lanes in heard.withLock { $0.append(lanes) } } }
            let entry = try await book.put(.expo("one", apps: ["@a/b"]))
            #expect(book.token(of: lane) == "one" && heard.withLock { $0 } == [[lane]])
            #expect(entry.lane == lane && entry.source == .sealed && entry.version == 1 && entry.setBy == "tester" && entry.setAt == vault.time.now)
            #expect(entry.facts?.fingerprint == "f" && entry.fault == nil && !entry.isShadowed && entry.previous == nil)
            #expect(book.versions(of: lane)?.current.apps == ["@a/b"])
            #expect(other.token(of: lane) == nil)
            #expect(try await other.refresh() == [lane])
            #expect(other.token(of: lane) == "one" && other.lanes == [lane])
            #expect(try await other.refresh() == [])
            // And as a new process finds it.
            #expect(try await vault.book().token(of: lane) == "one")
        }
    }

    @Test func `the newer version is current, the one before stays beside it until its time is over`() async throws {
        try await withVault { vault in
            try vault.writeKeys(Keys.text("k1"))
            let book = try await vault.book()
            await #expect(throws: VaultFault.notFound) { try await book.follow(.expo("one")) }
            _ = try await book.put(.expo("one"))
            let entry = try await book.follow(.expo("two"), overlap: .seconds(60))
            let end = vault.time.now + .seconds(60)
            #expect(entry.version == 2 && entry.previous?.version == 1 && entry.previous?.until == end && entry.previous?.facts?.fingerprint == "f")
            var versions = try #require(book.versions(of: lane))
            #expect(versions.current.token == "two" && versions.currentVersion == 2)
            #expect(versions.previous?.token == "one" && versions.previousVersion == 1)
            vault.time.advance(by: .seconds(60))
            // Even before anybody has looked at the database.
            versions = try #require(book.versions(of: lane))
            #expect(versions.previous == nil && versions.previousVersion == nil)
            #expect(try #require(book.entries(scope: .all).first).previous == nil)
            #expect(try await book.refresh() == [lane])
            #expect(try await vault.store.snapshot().credentials.map(\.version) == [2])
            #expect(try await book.refresh() == [])
        }
    }

    @Test func `a rotation without an end lasts until somebody ends it`() async throws {
        try await withVault { vault in
            try vault.writeKeys(Keys.text("k1"))
            let book = try await vault.book()
            _ = try await book.put(.expo("one"))
            _ = try await book.follow(.expo("two"))
            _ = try await book.follow(.expo("three"))
            vault.time.advance(by: .seconds(1_000_000))
            try await book.refresh()
            #expect(book.versions(of: lane)?.previous?.token == "two")
            try await book.remove(previousOf: lane)
            #expect(book.versions(of: lane)?.previous == nil && book.token(of: lane) == "three")
            await #expect(throws: VaultFault.notFound) { try await book.remove(previousOf: lane) }
            _ = try await book.follow(.expo("four"))
            _ = try await book.put(.expo("five"))
            #expect(book.versions(of: lane) == .init(current: .expo("five"), currentVersion: 5))
            try await book.remove(lane)
            #expect(book.versions(of: lane) == nil && book.fault(of: lane) == nil && book.lanes == [])
            await #expect(throws: VaultFault.notFound) { try await book.remove(lane) }
        }
    }

    @Test func `a file wins over the database, and both are listed`() async throws {
        try await withVault(["a.yaml": file, "token": "filed"]) { vault in
            try vault.writeKeys(Keys.text("k1"))
            let book = try await vault.book()
            let entry = try await book.put(.expo("sealed"))
            #expect(entry.isShadowed && entry.warnings.contains { $0.contains("a.yaml declares") })
            #expect(book.token(of: lane) == "filed")
            let entries = book.entries(scope: .all)
            #expect(entries.map(\.source) == [.file("a.yaml"), .sealed] && entries.map(\.isShadowed) == [false, true])
            #expect(entries.map(\.facts?.fingerprint) == ["f-main", "f"])
            #expect(book.lanes == [lane])
            // A faulty entry of the file keeps its place, for its org must not slip to another credential.
            try vault.folder.write("a.yaml", "org: org_a\n")
            #expect(book.files.reload() == [lane])
            #expect(book.token(of: lane) == "sealed" && book.entries(scope: .all).map(\.isShadowed) == [false])
            try vault.folder.write("a.yaml", file.replacing("file:token", with: "env:GONE"))
            #expect(book.files.reload() == [lane])
            #expect(book.token(of: lane) == nil)
            #expect(try #require(book.fault(of: lane)).contains("a.yaml:3: credentials[0].access_token: names the environment variable GONE"))
        }
    }

    @Test func `nobody sees or removes another org's credentials, and orgs do not mix`() async throws {
        try await withVault(["b.yaml": "org: org_b\nparent: org_a\n"]) { vault in
            try vault.writeKeys(Keys.text("k1"))
            let book = try await vault.book()
            _ = try await book.put(.expo("a"))
            _ = try await book.put(.expo("b", org: "org_b"))
            _ = try await book.put(.expo("b2", org: "org_b", name: "second", apps: ["@b/app"]))
            #expect(book.entries(scope: .orgs(["org_b"])).map(\.lane.description) == ["org_b/expo/main", "org_b/expo/second"])
            #expect(book.entries(scope: .orgs([])) == [])
            #expect(book.lane(orgID: "org_b", provider: .expo, name: nil, app: nil)?.description == "org_b/expo/main")
            #expect(book.lane(orgID: "org_b", provider: .expo, name: nil, app: "@b/app")?.description == "org_b/expo/second")
            #expect(book.lane(orgID: "org_a", provider: .expo, name: "second", app: nil) == nil)
            try await book.remove(LaneKey(orgID: "org_b", provider: .expo, credential: "main"))
            #expect(book.token(of: lane) == "a")
            // The file's parent leads to what the database has.
            try await book.remove(LaneKey(orgID: "org_b", provider: .expo, credential: "second"))
            #expect(book.lane(orgID: "org_b", provider: .expo, name: nil, app: nil) == lane)
        }
    }

    @Test func `an org that nobody knows can have a credential, which works and is warned about`() async throws {
        try await withVault { vault in
            try vault.writeKeys(Keys.text("k1"))
            let book = try await vault.book()
            let entry = try await book.put(.expo("x", org: "ghost"))
            #expect(entry.warnings.contains { $0.contains("knows ghost") })
            #expect(book.lane(orgID: "ghost", provider: .expo, name: nil, app: nil) == entry.lane)
            #expect(book.organisations.map(\.id) == ["org_default"])
            book.adopt([Organisation(id: "ghost", parentID: nil, name: "Ghost")])
            #expect(book.entries(scope: .all).first?.warnings == [])
        }
    }

    @Test func `without a master key files are served, nothing is set, and what is sealed says which key it needs`() async throws {
        try await withVault(["a.yaml": "org: org_a\ncredentials:\n  - { provider: expo, name: filed }\n"]) { vault in
            try vault.writeKeys(Keys.text("k1"))
            let before = try await vault.book()
            _ = try await before.put(.expo("one"))
            _ = try await before.put(.expo("two", name: "second"))
            let source = try MasterKeySource(reference: "env:HERMOD_MASTER_KEY", environment: [:])
            let book = CredentialBook(
                files: vault.folder.read(), store: vault.store, masterKeys: source, inspector: vault.inspector, time: vault.time,
                logger: before.logger)
            try await book.refresh()
            #expect(book.versions(of: LaneKey(orgID: "org_a", provider: .expo, credential: "filed")) != nil)
            #expect(book.versions(of: lane) == nil)
            #expect(try #require(book.fault(of: lane)).contains("sealed with the master key k1"))
            #expect(book.lane(orgID: "org_a", provider: .expo, name: "main", app: nil) == lane)
            #expect(book.unopened.count == 1 && book.unopened[0].hasPrefix("2 credentials (org_a/expo/main, org_a/expo/second)"))
            #expect(book.unopened[0].contains("HERMOD_MASTER_KEY, which is not set"))
            let alarms = book.alarms(now: vault.time.now)
            #expect(alarms.map(\.kind) == [.unusable, .unusable] && alarms.allSatisfy { $0.message.contains("master key k1") })
            let entries = book.entries(scope: .all)
            #expect(entries.map { $0.fault != nil } == [false, true, true] && entries[1].facts?.fingerprint == "")
            await #expect {
                _ = try await book.put(.expo("three", name: "third"))
            } throws: { error in
                guard case .noMasterKey(let words) = error as? VaultFault else { return false }
                return words.contains("HERMOD_MASTER_KEY") && words.contains("generate-key")
            }
            // It can be removed all the same.
            try await book.remove(lane)
            #expect(try await vault.store.snapshot().credentials.map(\.lane.credential) == ["second"])
        }
    }

    @Test func `another key under a known id is told apart from a missing one, and seals nothing`() async throws {
        try await withVault { vault in
            _ = try await vault.book(keys: Keys.text("k1")).put(.expo("one"))
            let wrong = try await vault.book(keys: Keys.text("k1", seed: "other"))
            #expect(try #require(wrong.fault(of: lane)).contains("another master key than the one that vault.master_key now has under the id k1"))
            await #expect {
                _ = try await wrong.put(.expo("two"))
            } throws: { error in
                (error as? VaultFault)?.description.contains("other bytes under the id k1") ?? false
            }
            let missing = try await vault.book(keys: Keys.text("k2"))
            #expect(try #require(missing.fault(of: lane)).contains("k1, which is not in vault.master_key, which has k2"))
            #expect(try await vault.book(keys: Keys.texts("k2", "k1")).token(of: lane) == "one")
        }
    }

    @Test func `a row that was moved or altered does not open, and says so`() async throws {
        try await withVault { vault in
            let book = try await vault.book(keys: Keys.text("k1"))
            _ = try await book.put(.expo("one"))
            _ = try await book.put(.expo("two", org: "org_b"))
            try await vault.database.write { connection in
                try connection.run("DELETE FROM credentials WHERE org_id = 'org_a'", [])
                try connection.run("UPDATE credentials SET org_id = 'org_a'", [])
                try connection.run("UPDATE credential_changes SET revision = revision + 1", [])
            }
            try await book.refresh()
            #expect(book.versions(of: lane) == nil)
            #expect(try #require(book.fault(of: lane)).contains("was altered"))
        }
    }

    @Test func `a new key in the file is taken up without a restart, and an old one that is taken away takes nothing along`() async throws {
        try await withVault { vault in
            try vault.writeKeys(Keys.text("k1"))
            let book = try await vault.book()
            _ = try await book.put(.expo("one"))
            try vault.writeKeys(Keys.texts("k2", "k1"))
            let entry = try await book.put(.expo("two", name: "second"))
            let keys = try await vault.store.snapshot().credentials.map(\.envelope.masterKeyID)
            #expect(keys == ["k1", "k2"] && entry.fault == nil)
            try vault.writeKeys(Keys.text("k2"))
            #expect(try await book.refresh() == [])
            #expect(book.token(of: lane) == "one" && book.fault(of: lane) == nil)
            // But it would not open again, which has to be known before the next start.
            #expect(book.unopened.count == 1 && book.alarms(now: vault.time.now).map(\.lane) == [lane])
            #expect(try await vault.book().versions(of: lane) == nil)
            try vault.writeKeys(Keys.texts("k2", "k1"))
            try await book.refresh()
            #expect(book.unopened == [] && book.alarms(now: vault.time.now) == [])
        }
    }

    @Test func `what ends within 30 days, has ended or can't be used is an alarm`() async throws {
        try await withVault(["a.yaml": file.replacing("file:token", with: "env:T")]) { vault in
            try vault.writeKeys(Keys.text("k1"))
            let book = try await vault.book()
            let now = vault.time.now
            for (name, days) in [("soon", 29), ("later", 31), ("over", -1)] as [(String, Int64)] {
                let facts = CredentialFacts(notAfter: now + .seconds(days * 86_400), fingerprint: "f")
                _ = try await book.set(.expo("x", org: "org_b", name: name), facts: facts, by: nil)
            }
            let alarms = book.alarms(now: now)
            #expect(alarms.map { "\($0.lane.credential) \($0.kind.rawValue)" } == ["main unusable", "over expired", "soon expiring"])
            #expect(alarms[2].message.contains("in 29 days") && alarms[1].since == now - .seconds(86_400))
            #expect(book.alarms(now: now + .seconds(2 * 86_400)).map(\.lane.credential) == ["main", "later", "over", "soon"])
        }
    }

    @Test func `a file's credential that the inspector refuses is listed with its fault`() async throws {
        try await withVault(["a.yaml": file, "token": "t"]) { vault in
            vault.inspector.refuse(lane)
            let book = try await vault.book(keys: Keys.text("k1"))
            let entry = try #require(book.entries(scope: .all).first)
            #expect(entry.fault == "org_a/expo/main in a.yaml: private_key: is no key. Use another." && entry.facts == nil)
            #expect(book.alarms(now: vault.time.now).map(\.kind) == [.unusable])
        }
    }

    @Test func `a file's credential is inspected once for many lists, and again before that is old`() async throws {
        try await withVault(["a.yaml": file, "token": "t"]) { vault in
            let book = try await vault.book(keys: Keys.text("k1"))
            for _ in 0..<3 { #expect(book.entries(scope: .all).count == 1) }
            await book.inspectAhead()
            #expect(vault.inspector.times == 1)
            vault.time.advance(by: .seconds(1_800))
            #expect(book.entries(scope: .all).count == 1 && vault.inspector.times == 1)
            await book.inspectAhead()
            #expect(vault.inspector.times == 2)
            vault.time.advance(by: .seconds(3_599))
            #expect(book.entries(scope: .all).count == 1 && vault.inspector.times == 2)
            vault.time.advance(by: .seconds(1))
            #expect(book.entries(scope: .all).count == 1 && vault.inspector.times == 3)
            try vault.folder.write("token", "u")
            book.files.reload()
            await book.inspectAhead()
            #expect(vault.inspector.times == 4 && book.inspections.withLock { $0.count } == 1)
        }
    }

    @Test func `whoever watches hears of files, of the database and of keys`() async throws {
        try await withVault { vault in
            try vault.writeKeys(Keys.text("k1"))
            let book = try await vault.book()
            let (news, teller) = AsyncStream.makeStream(of: Set<LaneKey>.self)
            let watch = Task { try await book.watch { teller.yield($0) } }
            defer { watch.cancel() }
            var heard = news.makeAsyncIterator()
            let other = try await vault.book()
            _ = try await other.put(.expo("one"))
            #expect(await heard.next() == [lane])
            #expect(book.token(of: lane) == "one")
            _ = try await other.put(.expo("two", name: "second"))
            #expect(await heard.next() == [LaneKey(orgID: "org_a", provider: .expo, credential: "second")])
            try vault.folder.write("token", "filed")
            try vault.folder.write("a.yaml", file)
            #expect(await heard.next() == [lane])
            #expect(book.token(of: lane) == "filed")
        }
    }

    @Test func `many who change and look at once leave everybody with the same`() async throws {
        try await withVault { vault in
            try vault.writeKeys(Keys.text("k1"))
            let book = try await vault.book()
            let other = try await vault.book()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        _ = try await (number.isMultiple(of: 2) ? book : other).put(.expo("t\(number)", name: "n\(number % 5)"))
                    }
                    group.addTask { try await book.refresh() }
                }
                try await group.waitForAll()
            }
            // Each has looked after its own changes, and perhaps not after the other's last one.
            try await book.refresh()
            try await other.refresh()
            let fresh = try await vault.book()
            #expect(fresh.lanes.count == 5)
            for lane in fresh.lanes {
                #expect(book.versions(of: lane) == fresh.versions(of: lane) && other.versions(of: lane) == fresh.versions(of: lane))
            }
            #expect(fresh.lanes.compactMap { fresh.versions(of: $0)?.currentVersion } == [8, 8, 8, 8, 8])
        }
    }
}
