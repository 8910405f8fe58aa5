import Domain
import Foundation
import MockProviders
import Synchronization

/// Many callers that send one message each, and remember which ones the gateway has answered for.
///
/// Every message has a target of its own, so that what the mocks saw can be told apart: nine pushes to APNs for each mail.
final class Crowd: Sendable {
    private let accepted = Mutex<[Int: String]>([:])
    private let refused = Mutex<[Int: Int]>([:])
    private let next = Mutex(0)
    private let reached = Mutex(0)
    private let isOver = Mutex(false)

    static func target(_ number: Int) -> String {
        if number.isMultiple(of: 10) { return "caller\(number)@example.org" }
        let digits = String(number, radix: 16)
        return String(repeating: "ab", count: 28) + String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// Targets of the messages that were answered 2xx.
    var acceptedTargets: Set<String> { Set(accepted.withLock { $0.keys.map(Self.target) }) }

    var acceptedIDs: [String] { accepted.withLock { Array($0.values) } }

    /// Numbers of the messages that were answered otherwise, with the status.
    var refusals: [Int: Int] { refused.withLock { $0 } }

    /// Sends until the gateway is gone; calls `enough` once when `count` more have been answered 2xx.
    func send(to gateway: GatewayUnderTest, callers: Int = 16, until count: Int, enough: @Sendable @escaping () -> Void) async {
        let goal = accepted.withLock { $0.count } + count
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<callers {
                group.addTask {
                    while await self.sendOne(to: gateway) {
                        if self.isFirst(beyond: goal) { enough() }
                    }
                }
            }
        }
    }

    /// Sends for as long as `body` takes, and returns when the last call is answered.
    func sending<Value: Sendable>(to gateway: GatewayUnderTest, callers: Int = 12, _ body: () async throws -> Value) async throws -> Value {
        isOver.withLock { $0 = false }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<callers {
                group.addTask { while !self.isOver.withLock({ $0 }), await self.sendOne(to: gateway) {} }
            }
            defer { isOver.withLock { $0 = true } }
            return try await body()
        }
    }

    /// Returns when that many more have been accepted.
    func more(_ count: Int) async throws {
        let goal = accepted.withLock { $0.count } + count
        try await poll(within: .seconds(60)) { () -> Poll<Void> in
            let now = accepted.withLock { $0.count }
            return now >= goal ? .found(()) : .notYet("\(now) of \(goal) accepted")
        }
    }

    /// Returns when everything accepted has arrived and nothing is left under way: a message that is delivered a second time would otherwise be missed.
    func waitForAll(at mocks: MockProviders, _ gateway: GatewayUnderTest) async throws {
        let wanted = acceptedTargets
        try await poll(within: .seconds(60)) { () -> Poll<Void> in
            let missing = wanted.subtracting(mocks.messages().map(\.target))
            return missing.isEmpty ? .found(()) : .notYet("\(missing.count) of \(wanted.count) have not arrived, \(missing.sorted().prefix(3))")
        }
        try await waitForOpen(only: 0, gateway)
    }

    /// Returns when no more than that many deliveries are queued or being sent.
    func waitForOpen(only count: Int, _ gateway: GatewayUnderTest) async throws {
        try await poll(within: .seconds(60)) { () -> Poll<Void> in
            var open = 0
            for state in ["queued", "sending"] {
                let page = try await gateway.get("/api/v1/deliveries?state=\(state)&limit=1")
                open += Int(page.json["pagination"]?["total"]?.integer ?? 0)
            }
            return open <= count ? .found(()) : .notYet("\(open) are open")
        }
    }

    /// True once for each goal, for the caller that finds it reached.
    private func isFirst(beyond goal: Int) -> Bool {
        guard accepted.withLock({ $0.count }) >= goal else { return false }
        return reached.withLock { reached in
            guard reached < goal else { return false }
            reached = goal
            return true
        }
    }

    /// False when the gateway did not answer: whether it took the message is then unknown, and it counts for nothing.
    private func sendOne(to gateway: GatewayUnderTest) async -> Bool {
        let number = next.withLock { next in
            next += 1
            return next
        }
        let target = Self.target(number)
        let recipient: JSON = target.contains("@") ? ["email": .string(target)] : ["token": .string(target), "platform": "ios"]
        let body: JSON = ["to": recipient, "title": .string("Number \(number)"), "body": "b"]
        guard let answer = try? await gateway.post("/api/v1/deliveries", body, headers: ["prefer": "respond-async"]) else { return false }
        if (200..<300).contains(answer.status) {
            accepted.withLock { $0[number] = answer.json["id"]?.string ?? "" }
        } else {
            refused.withLock { $0[number] = answer.status }
        }
        return true
    }
}
