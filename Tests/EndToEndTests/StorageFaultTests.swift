import Domain
import Foundation
import GRDB
import MockProviders
import Testing

/// When the disk or the database says no: 503 with Retry-After, and nothing half-written.
@Suite(.serialized) struct StorageFaultTests {
    @Test(.timeLimit(.minutes(1)))
    func `while another process holds the database, a request is told to come back, and nothing of it is kept`() async throws {
        try await withGateway { gateway, mocks, site in
            var configuration = Configuration()
            configuration.allowsUnsafeTransactions = true
            let holder = try DatabaseQueue(path: site.database, configuration: configuration)
            let body: JSON = ["to": ["email": "ada@example.org"], "title": "t", "body": "b"]
            let refused = try await holder.holdingTheWriteLock {
                try await gateway.post("/api/v1/deliveries", body, headers: ["prefer": "respond-async"])
            }
            #expect(refused.status == 503)
            #expect(Int(refused.headers["retry-after"] ?? "") != nil)
            #expect(refused.headers["content-type"] == "application/problem+json")
            let after = try await gateway.post("/api/v1/deliveries", body)
            #expect(after.status == 201)
            #expect(try await gateway.get("/api/v1/deliveries").json["data"]?.array?.count == 1)
            #expect(mocks.count(MessageFilter(provider: .smtp)) == 1)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `when the disk is full, requests are refused whole, and what was accepted arrives`() async throws {
        try await withMockProviders { mocks in
            try await withSite { site in
                try site.configure(for: mocks)
                try site.declareDemo(for: mocks)
                // No file of this process may grow beyond that, which is what a full disk is to it; works without root, and touches no real disk.
                let gateway = try await GatewayUnderTest.start(site, shell: "ulimit -f 2400;")
                var accepted: Set<String> = []
                var refusal: GatewayUnderTest.Answer?
                for number in 1...3_000 where refusal == nil {
                    let target = "caller\(number)@example.org"
                    let answer = try await gateway.post(
                        "/api/v1/deliveries",
                        ["to": ["email": .string(target)], "title": "t", "body": .string(String(repeating: "x", count: 4_000))],
                        headers: ["prefer": "respond-async"])
                    if answer.status == 202 || answer.status == 201 { accepted.insert(target) } else { refusal = answer }
                }
                let refused = try #require(refusal)
                #expect(refused.status == 503)
                #expect(Int(refused.headers["retry-after"] ?? "") != nil)
                #expect(!accepted.isEmpty)
                #expect(try await gateway.get("/healthz").status == 200)
                gateway.program.signal(SIGKILL)
                try await gateway.program.exit()

                // With room again everything that was accepted is there, and nothing else.
                let next = try await GatewayUnderTest.start(site)
                try await poll(within: .seconds(30)) { () -> Poll<Void> in
                    let missing = accepted.subtracting(mocks.messages().map(\.target))
                    return missing.isEmpty ? .found(()) : .notYet("\(missing.count) missing")
                }
                let stored = try await DatabaseQueue(path: site.database).read { db in
                    (
                        notifications: try Int.fetchOne(db, sql: "SELECT count(*) FROM notifications"),
                        addresses: Set(try String.fetchAll(db, sql: "SELECT address FROM deliveries"))
                    )
                }
                #expect(stored.addresses == accepted)
                #expect(stored.notifications == accepted.count)
                #expect(try await next.stop() == 0)
            }
        }
    }
}

extension DatabaseQueue {
    /// Holds the write lock, as a shell with an open transaction would, while `body` runs.
    fileprivate func holdingTheWriteLock<T: Sendable>(_ body: () async throws -> T) async throws -> T {
        try await writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        let result: T
        do {
            result = try await body()
        } catch {
            try await writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
            throw error
        }
        try await writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        return result
    }
}
