import Domain
import Storage
import Testing

@Suite("Notices")
struct NoticeTests {
    @Test(arguments: Backend.available)
    func `what goes on is told once a day, whoever asks`(backend: Backend) async throws {
        try await backend.withStores { stores in
            func told(_ names: [String], after seconds: Int) async throws -> [String] {
                try await stores.notices.claim(names, every: .seconds(86_400), now: .start + .seconds(seconds)).sorted()
            }
            let first = try await told(["a", "b"], after: 0)
            #expect(first == ["a", "b"])
            // Another gateway, or this one after a restart.
            let second = try await told(["a", "b", "c"], after: 3_600)
            #expect(second == ["c"])
            let nextDay = try await told(["a", "b", "c"], after: 86_400)
            #expect(nextDay == ["a", "b"])
            let none = try await told([], after: 86_400)
            #expect(none.isEmpty)
        }
    }

    @Test(arguments: Backend.available)
    func `what is over is forgotten`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let names = (0..<50).map { "credential \($0)" }
            #expect(try await stores.notices.claim(names, every: .seconds(86_400), now: .start).count == 50)
            _ = try await stores.notices.claim(["other"], every: .seconds(86_400), now: .start + .seconds(31 * 86_400))
            let left = try await stores.committer.database.read { connection in
                var count = 0
                try connection.query("SELECT count(*) FROM notices", []) { count = Int($0.integer(0) ?? -1) }
                return count
            }
            #expect(left == 1)
        }
    }

    @Test(arguments: Backend.available)
    func `deliveries that are open are counted by provider`(backend: Backend) async throws {
        try await backend.withStores { stores in
            #expect(try await stores.deliveries.open().values.allSatisfy { $0 == 0 })
            let new = (0..<3).map { newNotification(to: [Target(address: "t\($0)")]) }
            try await stores.queue.insert(new, lease: Lease(holder: "gw"))
            let provider = try #require(new[0].deliveries.first?.lane.provider)
            #expect(try await stores.deliveries.open()[provider] == 3)
            #expect(try await stores.deliveries.open().values.reduce(0, +) == 3)
        }
    }
}
