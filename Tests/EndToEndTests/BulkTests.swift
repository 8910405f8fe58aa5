import Domain
import Foundation
import GRDB
import MockProviders
import Testing

/// A bulk that is ended in the middle is carried on by the same call: everybody gets their reminder, and nobody two.
@Suite(.serialized) struct BulkTests {
    /// So many that the test ends a bulk in the middle although it may learn late how far that is.
    private static let users = 4_500
    private static let body: JSON = ["org_id": "org_demo", "days_threshold": 30, "include_sub_orgs": true]
    private static let key = ["idempotency-key": "reminders-of-the-week"]

    private var mocks: MockConfiguration {
        var configuration = MockConfiguration.ephemeral
        configuration.retention = 20_000
        return configuration
    }

    private static func address(_ number: Int) -> String { "user\(number)@example.org" }

    /// Two thirds of the users belong to the org itself, the rest to one below it. Of all users, every tenth has nothing that expires soon.
    private func fill(_ site: Site) throws {
        try site.write("orgs/below.yaml", "org: org_below\nparent: org_demo\n")
        let now = Int64(Date().timeIntervalSince1970)
        try DatabaseQueue(path: site.database).write { db in
            for number in 0..<Self.users {
                let org = number.isMultiple(of: 3) ? "org_below" : "org_demo"
                try db.execute(
                    sql: "INSERT INTO users (id, org_id, full_name, email, email_verified) VALUES (?, ?, ?, ?, 1)",
                    arguments: ["user\(number)", org, "User \(number)", Self.address(number)])
                let days: Int64 = number.isMultiple(of: 10) ? 300 : 20
                try db.execute(
                    sql: "INSERT INTO certifications (user_id, id, name, expires_at) VALUES (?, 'c', 'Peer mentor', ?)",
                    arguments: ["user\(number)", (now + days * 86_400) * 1_000_000])
            }
        }
    }

    private static var eligible: Set<String> { Set((0..<users).filter { !$0.isMultiple(of: 10) }.map(address)) }

    /// How many the bulk has seen to, by its own account.
    private func progress(_ site: Site) throws -> Int {
        try DatabaseQueue(path: site.database).read { db in try Int.fetchOne(db, sql: "SELECT sum(eligible) FROM bulks") ?? 0 }
    }

    /// Calls, and sends the signal once the bulk has come so far.
    private func call(_ gateway: GatewayUnderTest, _ site: Site, until count: Int, then signal: Int32) async throws -> GatewayUnderTest.Answer? {
        async let answer = try? await gateway.post("/api/v1/admin/notifications/bulk-certification-reminders", Self.body, headers: Self.key)
        try await poll(within: .seconds(60)) { () -> Poll<Void> in
            let reached = try progress(site)
            return reached >= count ? .found(()) : .notYet("\(reached) of \(count)")
        }
        gateway.program.signal(signal)
        try await gateway.program.exit()
        return await answer
    }

    private func finish(_ gateway: GatewayUnderTest, _ mocks: MockProviders) async throws {
        let wanted = Self.eligible
        let answer = try await gateway.post("/api/v1/admin/notifications/bulk-certification-reminders", Self.body, headers: Self.key)
        #expect(answer.status == 200)
        let data = answer.json["data"]
        #expect(data?["total_eligible"]?.integer == Int64(wanted.count))
        #expect(data?["dispatched"]?.integer == Int64(wanted.count) && data?["failed"]?.integer == 0)
        let ids = data?["dispatch_ids"]?.array?.compactMap(\.string) ?? []
        #expect(ids.count == wanted.count && Set(ids).count == wanted.count)
        try await poll(within: .seconds(120)) { () -> Poll<Void> in
            for state in ["queued", "sending"] {
                let open = try await gateway.get("/api/v1/deliveries?state=\(state)&limit=1")
                if open.json["data"]?.array?.isEmpty != true { return .notYet(open.json["pagination"]?.text ?? "") }
            }
            return .found(())
        }
        let received = Set(mocks.messages().map(\.target))
        let (skipped, uninvited) = (wanted.subtracting(received).count, received.subtracting(wanted).count)
        #expect(skipped == 0 && uninvited == 0)
        let again = try await gateway.post("/api/v1/admin/notifications/bulk-certification-reminders", Self.body, headers: Self.key)
        #expect(again.headers["idempotency-replayed"] == "true")
        let isSame = again.json == answer.json
        #expect(isSame)
    }

    @Test(.timeLimit(.minutes(4)))
    func `killed twice in the middle, a bulk skips nobody and sends to nobody twice`() async throws {
        try await withMockProviders(mocks) { mocks in
            try await withSite { site in
                try site.configure(for: mocks)
                try site.declareDemo(for: mocks)
                #expect(try await Program("hermod", ["migrate", "--config", site.configuration]).exit() == 0)
                try fill(site)
                var underWay: Set<String> = []
                var progress: [Int] = []
                for count in [500, 1_000] {
                    let gateway = try await GatewayUnderTest.start(site)
                    #expect(try await call(gateway, site, until: count, then: SIGKILL) == nil)
                    progress.append(try self.progress(site))
                    underWay.formUnion(try site.targetsUnderWay())
                }
                // In the middle, both times.
                #expect(progress[0] < progress[1] && progress[1] < Self.eligible.count, "\(progress)")
                let gateway = try await GatewayUnderTest.start(site)
                try await finish(gateway, mocks)
                // Only what had been handed to the relay and not yet written down as settled when the gateway died.
                let twice = mocks.duplicates
                print("bulk killed at \(progress) of \(Self.eligible.count): \(twice.count) received twice, of \(underWay.count) under way")
                let unexplained = Set(twice.map(\.target)).subtracting(underWay)
                #expect(unexplained == [])
                #expect(try await gateway.stop() == 0)
            }
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `asked to stop in the middle, a bulk says how to go on`() async throws {
        try await withMockProviders(mocks) { mocks in
            try await withSite { site in
                try site.configure(for: mocks)
                try site.declareDemo(for: mocks)
                #expect(try await Program("hermod", ["migrate", "--config", site.configuration]).exit() == 0)
                try fill(site)
                let first = try await GatewayUnderTest.start(site)
                let refused = try #require(try await call(first, site, until: 500, then: SIGTERM))
                #expect(refused.status == 503)
                #expect(refused.json["detail"]?.string?.contains("repeat the call with its Idempotency-Key") == true)
                #expect(try progress(site) < Self.eligible.count)
                let gateway = try await GatewayUnderTest.start(site)
                try await finish(gateway, mocks)
                #expect(mocks.duplicates == [])
                #expect(try await gateway.stop() == 0)
            }
        }
    }
}
