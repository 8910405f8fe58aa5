import Domain
import Storage
import Testing

@Suite("Device tokens")
struct DeviceTokenTests {
    @Test(arguments: Backend.available)
    func `a token registered again moves to its new user and is active again`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let first = try await stores.tokens.register(deviceToken("aa11", user: "user_1"))
            #expect(first.isNew)
            _ = try await stores.tokens.invalidate(token: "aa11", scope: .orgA, reason: "logout", now: .start)
            let second = try await stores.tokens.register(deviceToken("aa11", user: "user_2", at: .start + .seconds(5)))
            #expect(!second.isNew)
            #expect(second.token.id == first.token.id)
            #expect(second.token.invalidatedAt == nil && second.token.invalidationReason == nil)
            #expect(try await stores.tokens.active(userID: "user_1", scope: .orgA) == [])
            #expect(try await stores.tokens.active(userID: "user_2", scope: .orgA) == [second.token])
        }
    }

    @Test(arguments: Backend.available)
    func `a token stays its app's until another app is named`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let first = try await stores.tokens.register(deviceToken("aa11", app: "com.example.app"))
            #expect(first.token.app == "com.example.app")
            _ = try await stores.tokens.register(deviceToken("aa11", user: "user_2", at: .start + .seconds(5)))
            #expect(try await stores.tokens.active(userID: "user_2", scope: .orgA).map(\.app) == ["com.example.app"])
            #expect(try await stores.tokens.register(deviceToken("aa11", app: "com.example.pro")).token.app == "com.example.pro")
            #expect(try await stores.tokens.register(deviceToken("bb22")).token.app == nil)
        }
    }

    @Test(arguments: Backend.available)
    func `active tokens of many users come by user, newest first, and of that org alone`(backend: Backend) async throws {
        try await backend.withStores { stores in
            for token in [
                deviceToken("old", at: .start), deviceToken("new", at: .start + .seconds(1)), deviceToken("two", user: "user_2"),
                deviceToken("b", org: "org_b"), deviceToken("dead"),
            ] { _ = try await stores.tokens.register(token) }
            _ = try await stores.tokens.invalidate(token: "dead", scope: .orgA, reason: "logout", now: .start)
            let users = ["user_1", "user_2", "user_3"] + (0..<700).map { "nobody_\($0)" } + ["user_1"]
            let active = try await stores.tokens.active(userIDs: users, orgID: "org_a")
            #expect(active.mapValues { $0.map(\.token) } == ["user_1": ["new", "old"], "user_2": ["two"]])
            #expect(try await stores.tokens.active(userIDs: [], orgID: "org_a").isEmpty)
            #expect(try await stores.tokens.active(userID: "user_1", scope: .orgs(["org_b"])).map(\.token) == ["b"])
            #expect(Set(try await stores.tokens.active(userID: "user_1", scope: .all).map(\.token)) == ["new", "old", "b"])
        }
    }

    @Test(arguments: Backend.available)
    func `what a verdict has killed is made active again, and nothing that died otherwise`(backend: Backend) async throws {
        try await backend.withStores { stores in
            for name in ["killed", "earlier", "logout", "alive"] { _ = try await stores.tokens.register(deviceToken(name)) }
            _ = try await stores.tokens.invalidate(token: "killed", scope: .orgA, reason: "BadDeviceToken", now: .start + .seconds(9))
            _ = try await stores.tokens.invalidate(token: "earlier", scope: .orgA, reason: "BadDeviceToken", now: .start)
            _ = try await stores.tokens.invalidate(token: "logout", scope: .orgA, reason: "logout", now: .start + .seconds(9))
            let since = Timestamp.start + .seconds(9)
            let tokens = ["killed", "earlier", "logout", "alive", "unknown"].map {
                (orgID: "org_a", token: $0, since: since, reason: String?.some("BadDeviceToken"))
            }
            #expect(try await stores.tokens.revive(tokens) == 1)
            #expect(Set(try await stores.tokens.active(userID: "user_1", scope: .orgA).map(\.token)) == ["killed", "alive"])
            #expect(try await stores.tokens.revive([]) == 0)
        }
    }

    @Test(arguments: Backend.available)
    func `invalidating again gives the first time again; removing leaves nothing`(backend: Backend) async throws {
        try await backend.withStores { stores in
            _ = try await stores.tokens.register(deviceToken("aa11"))
            #expect(try await stores.tokens.invalidate(token: "aa11", scope: .orgs(["org_b"]), reason: "x", now: .start) == nil)
            let first = try await stores.tokens.invalidate(token: "aa11", scope: .orgA, reason: "logout", now: .start)
            let again = try await stores.tokens.invalidate(token: "aa11", scope: .orgA, reason: "other", now: .start + .seconds(9))
            #expect(first?.invalidatedAt == .start)
            #expect(again == first)
            #expect(try await stores.tokens.remove(token: "aa11", scope: .orgs(["org_b"])) == nil)
            #expect(try await stores.tokens.remove(token: "aa11", scope: .orgA)?.token == "aa11")
            #expect(try await stores.tokens.remove(token: "aa11", scope: .orgA) == nil)
        }
    }

    @Test(arguments: Backend.available)
    func `a token dies by a verdict unless it was registered again after the moment the provider names`(backend: Backend) async throws {
        try await backend.withStores { stores in
            // The provider's moment, and how the registration at `start` fares by it; without a moment the registration that we sent to counts.
            for (name, asOf, reregistered, survives) in [
                ("a", Timestamp.start + .seconds(1), false, false), ("b", .start - .seconds(1), false, true), ("c", nil, false, false),
                ("d", nil, true, true), ("e", .start + .seconds(1), true, true), ("f", .start + .seconds(60), true, false),
            ] {
                let token = try await stores.tokens.register(deviceToken(name)).token
                let new = newNotification(to: [Target(address: name, platform: .ios, registeredAt: token.registeredAt)], state: .sending)
                try await stores.queue.insert([new], lease: .ours)
                if reregistered { _ = try await stores.tokens.register(deviceToken(name, at: .start + .seconds(30))) }
                let gone = Settlement(new.delivery, .recipientGone(asOf: asOf), next: .settled(.failed), status: 410, reason: "Unregistered")
                #expect(try await stores.queue.settle([gone], lease: .ours) == [true])
                let active = try await stores.tokens.active(userID: "user_1", scope: .orgA).contains { $0.token == name }
                #expect(active == survives, "token \(name)")
            }
            let dead = try await stores.tokens.invalidate(token: "a", scope: .orgA, reason: "later", now: .start + .seconds(99))
            #expect(dead?.invalidationReason == "Unregistered")
            #expect(dead?.invalidatedAt == .start + .seconds(1))
        }
    }

    @Test(arguments: Backend.available)
    func `only a final verdict on a delivery that is ours kills`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let token = try await stores.tokens.register(deviceToken("aa11")).token
            let new = newNotification(to: [Target(address: "aa11", registeredAt: token.registeredAt)], state: .sending)
            try await stores.queue.insert([new], lease: .ours)
            let gone = Verdict.recipientGone(asOf: nil)
            _ = try await stores.queue.settle([Settlement(new.delivery, gone, next: .settled(.failed))], lease: .theirs)
            _ = try await stores.queue.settle([Settlement(new.delivery, gone, next: .queued(at: .start, counted: false))], lease: .ours)
            #expect(try await stores.tokens.active(userID: "user_1", scope: .orgA).count == 1)
        }
    }

    @Test(arguments: Backend.available)
    func `last use is remembered to the minute`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let token = try await stores.tokens.register(deviceToken("aa11")).token
            for (seconds, expected) in [(1, 1), (30, 1), (61, 61)] as [(Int64, Int64)] {
                let new = newNotification(to: [Target(address: "aa11", registeredAt: token.registeredAt)], state: .sending)
                try await stores.queue.insert([new], lease: .ours)
                _ = try await stores.queue.settle([.delivered(new.delivery, at: .start + .seconds(seconds))], lease: .ours)
                let used = try await stores.tokens.active(userID: "user_1", scope: .orgA).first?.lastUsedAt
                #expect(used == .start + .seconds(expected))
            }
        }
    }

    @Test(arguments: Backend.available)
    func `a dead mailbox is suppressed until somebody takes it off`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let new = newNotification(lane: .smtp, to: [Target(address: "Lost@Example.org")], state: .sending)
            try await stores.queue.insert([new], lease: .ours)
            let gone = Settlement(new.delivery, .recipientGone(asOf: nil), next: .settled(.failed), status: 550, reason: "5.1.1")
            _ = try await stores.queue.settle([gone], lease: .ours)
            #expect(
                try await stores.suppressions.suppressed(["lost@example.org", "LOST@example.org", "x@example.org"], orgID: "org_a")
                    == ["lost@example.org", "LOST@example.org"])
            #expect(try await stores.suppressions.suppressed(["lost@example.org"], orgID: "org_b").isEmpty)
            let listing = try await stores.suppressions.list(page: Page(), scope: .orgA)
            #expect(
                listing.elements == [
                    Suppression(orgID: "org_a", address: "lost@example.org", reason: "5.1.1", since: .start + .seconds(1))
                ])
            #expect(try await stores.suppressions.list(page: Page(), scope: .orgs(["org_b"])).total == 0)
            #expect(try await stores.suppressions.remove("lost@example.org", scope: .orgs(["org_b"])) == false)
            #expect(try await stores.suppressions.remove("Lost@example.org", scope: .orgA) == true)
            #expect(try await stores.suppressions.suppressed(["lost@example.org"], orgID: "org_a").isEmpty)
        }
    }
}
