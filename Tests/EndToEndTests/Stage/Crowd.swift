import Domain
import Foundation
import Synchronization

/// Many callers that send one message each, and remember which ones the gateway has answered for.
///
/// Every message has a target of its own, so that what the mocks saw can be told apart: nine pushes to APNs for each mail.
final class Crowd: Sendable {
    private let accepted = Mutex<[Int: String]>([:])
    private let refused = Mutex<[Int: Int]>([:])
    private let next = Mutex(0)
    private let reached = Mutex(0)

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
