import Domain
import Storage
import Testing

@Suite("API keys")
struct APIKeyTests {
    private func key(
        _ id: String, prefix: String? = nil, org: String = "org_a", roles: Set<Role> = [.coordinator], contract: Contract? = nil,
        expiresAt: Timestamp? = nil
    ) -> APIKey {
        APIKey(
            id: "key_\(id)", prefix: prefix ?? "hk_\(id)", digest: KeyDigest(hex: "d\(id)"), name: "key \(id)", orgID: org, roles: roles,
            contract: contract, createdAt: .start, expiresAt: expiresAt)
    }

    @Test(arguments: Backend.available)
    func `a key is found by its prefix, with all that it was stored with`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let stored = key("1", roles: [.globalAdmin, .coordinator], contract: .pushService, expiresAt: .start + .seconds(9))
            #expect(try await stores.keys.insert(stored))
            #expect(try await stores.keys.insert(key("2", roles: [])))
            let found = try #require(try await stores.keys.find(prefix: "hk_1"))
            #expect(found.id == "key_1" && found.prefix == "hk_1" && found.digest.matches(stored.digest) && found.name == "key 1")
            #expect(found.orgID == "org_a" && found.roles == stored.roles && found.contract == .pushService && found.createdAt == .start)
            #expect(found.expiresAt == .start + .seconds(9) && found.lastUsedAt == nil && found.revokedAt == nil)
            #expect(try await stores.keys.find(prefix: "hk_2")?.roles == [])
            #expect(try await stores.keys.find(prefix: "hk_3") == nil)
        }
    }

    @Test(arguments: Backend.available)
    func `a prefix that is taken stores nothing`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let isFirstStored = try await stores.keys.insert(key("1"))
            let isSecondStored = try await stores.keys.insert(key("2", prefix: "hk_1"))
            #expect(isFirstStored && !isSecondStored)
            #expect(try await stores.keys.find(prefix: "hk_1")?.id == "key_1")
            #expect(try await stores.keys.list(page: Page(), scope: .all).total == 1)
        }
    }

    @Test(arguments: Backend.available)
    func `a list is newest first, in pages, within the scope`(backend: Backend) async throws {
        try await backend.withStores { stores in
            for number in 1...5 { _ = try await stores.keys.insert(key("\(number)", org: number == 3 ? "org_b" : "org_a")) }
            let first = try await stores.keys.list(page: Page(limit: 3), scope: .orgA)
            #expect(first.elements.map(\.id) == ["key_5", "key_4", "key_2"] && first.total == 4 && first.hasMore)
            let second = try await stores.keys.list(page: Page(number: 2, limit: 3), scope: .orgA)
            let after = try await stores.keys.list(page: Page(limit: 3, after: "key_2"), scope: .orgA)
            #expect(second.elements.map(\.id) == ["key_1"] && after.elements.map(\.id) == ["key_1"] && !after.hasMore)
            #expect(try await stores.keys.list(page: Page(), scope: .orgs([])).elements.isEmpty)
            #expect(try await stores.keys.get("key_3", scope: .orgA) == nil)
        }
    }

    @Test(arguments: Backend.available)
    func `revoking keeps the key and its first moment, and stays within the scope`(backend: Backend) async throws {
        try await backend.withStores { stores in
            _ = try await stores.keys.insert(key("1"))
            #expect(try await stores.keys.revoke("key_1", scope: .orgs(["org_b"]), now: .start) == nil)
            #expect(try await stores.keys.revoke("key_1", scope: .orgA, now: .start)?.revokedAt == .start)
            #expect(try await stores.keys.revoke("key_1", scope: .orgA, now: .start + .seconds(5))?.revokedAt == .start)
            #expect(try await stores.keys.find(prefix: "hk_1")?.state(at: .start) == .revoked)
        }
    }

    @Test(arguments: Backend.available)
    func `a use is written once a minute, whoever else notes one`(backend: Backend) async throws {
        try await backend.withStores { stores in
            _ = try await stores.keys.insert(key("1"))
            func noted(_ moment: Timestamp) async throws -> Timestamp? {
                stores.keys.noteUse(of: "key_1", at: moment)
                // Writes are committed in the order in which they come.
                try await stores.committer.write { _ in }
                return try await stores.keys.find(prefix: "hk_1")?.lastUsedAt
            }
            #expect(try await noted(.start) == .start)
            #expect(try await noted(.start + .milliseconds(59_999)) == .start)
            #expect(try await noted(.start + .seconds(60)) == .start + .seconds(60))
            #expect(try await noted(.start) == .start + .seconds(60))
        }
    }

    @Test(arguments: Backend.available)
    func `a key is stored with the mark of its request, or not at all`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let request = IdempotencyKey(caller: "c", operation: "POST /k", key: "k")
            let mark = IdempotencyMark(key: request, reference: "key_1")
            // Nobody has claimed the key yet.
            await #expect(throws: StorageError.self) { _ = try await stores.keys.insert(key("1"), idempotency: (mark, .ours)) }
            #expect(try await stores.keys.find(prefix: "hk_1") == nil)
            _ = try await stores.idempotency.claim(request, bodyHash: "h", now: .start, lease: .ours)
            #expect(try await stores.keys.insert(key("1"), idempotency: (mark, .ours)))
            let again = try await stores.idempotency.claim(request, bodyHash: "h", now: .start, lease: .theirs)
            #expect(again == .resume(reference: "key_1"))
        }
    }
}

struct APIKeyStateTests {
    @Test func `a key is active until its end or its revocation`() {
        var key = APIKey(id: "k", prefix: "p", digest: KeyDigest(hex: ""), orgID: "o", roles: [], createdAt: .start, expiresAt: .start + .seconds(1))
        #expect(key.state(at: .start) == .active)
        #expect(key.state(at: .start + .seconds(1)) == .expired)
        key.revokedAt = .start
        #expect(key.state(at: .start + .seconds(1)) == .revoked)
        key.expiresAt = nil
        key.revokedAt = nil
        #expect(key.state(at: .start + .seconds(1_000_000)) == .active)
    }
}
