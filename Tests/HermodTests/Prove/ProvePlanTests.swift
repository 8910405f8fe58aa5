import Domain
import Testing

@testable import Hermod

@Suite struct ProvePlanTests {
    @Test func `the same seed makes the same plan and the same orders`() {
        let plans = (0..<2).map { _ in ProvePlan(seed: 42, notifications: 5_000, faults: FaultName.allCases, pace: .full) }
        #expect(plans[0] == plans[1])
        var books = (OrderBook(seed: 42), OrderBook(seed: 42))
        while books.0.next < 2_000 { #expect(books.0.draw(below: 2_000) == books.1.draw(below: 2_000)) }
    }

    @Test func `another seed makes another plan and other orders`() {
        #expect(
            ProvePlan(seed: 1, notifications: 5_000, faults: FaultName.allCases, pace: .full).episodes
                != ProvePlan(seed: 2, notifications: 5_000, faults: FaultName.allCases, pace: .full).episodes)
        var books = (OrderBook(seed: 1), OrderBook(seed: 2))
        let orders = (0..<50).map { _ in (books.0.draw(below: 10_000), books.1.draw(below: 10_000)) }
        #expect(orders.contains { $0.0 != $0.1 })
    }

    @Test(arguments: [1, 7, 3_000, 100_000], [ProvePlan.Pace.quick, .full])
    func `every notification belongs to one episode, and every fault has its turn`(notifications: Int, pace: ProvePlan.Pace) {
        let plan = ProvePlan(seed: 3, notifications: notifications, faults: FaultName.allCases, pace: pace)
        #expect(plan.episodes.map(\.notifications).reduce(0, +) == notifications)
        #expect(Set(plan.episodes.compactMap(\.fault)) == Set(FaultName.allCases))
        // A fault that waits for more notifications than its part has would wait for ever.
        #expect(plan.episodes.allSatisfy { $0.lead <= $0.notifications })
    }

    @Test func `orders have every number once and keep below the limit`() {
        var book = OrderBook(seed: 9)
        var next = 0
        for limit in [1, 2, 100, 1_000] {
            while book.next < limit {
                let order = book.draw(below: limit)
                #expect(order.first == next)
                #expect(order.count > 0)
                next += order.count
            }
            #expect(book.next == limit)
        }
    }

    @Test func `a notification's number is found in its title, and in the address of a mail that was refused before it had one`() {
        #expect(Cast.number(inTitle: Cast.title(123)) == 123)
        #expect(Cast.number(inTitle: "Undelivered Mail") == nil)
        for isDead in [false, true] { #expect(Cast.number(inAddress: Cast.target(of: 77, .smtp, isDead: isDead)) == 77) }
        #expect(Cast.number(inAddress: "proof@example.org") == nil)
    }

    @Test func `the target that a notification has to reach is its user's device, or the bare one`() {
        let batch = Order(org: "beta", kind: .batch(firstUser: 58), temper: .insists, first: 7, count: 5, waits: false)
        #expect(batch.numbers.map(batch.target(of:)) == [58, 59, 0, 1, 2].map { Cast.users(of: "beta")[$0].token })
        let service = Order(org: "beta", kind: .service(user: 3), temper: .insists, first: 7, count: 1, waits: false)
        #expect(service.target(of: 7) == Cast.users(of: "beta")[3].token)
        let direct = Order(org: "beta", kind: .direct(.smtp, isDead: false), temper: .insists, first: 7, count: 1, waits: false)
        #expect(direct.target(of: 7) == Cast.target(of: 7, .smtp, isDead: false))
    }

    @Test func `every notification has a target of its own`() {
        for provider in Cast.pushers + [.smtp] {
            let targets = (0..<500).flatMap { number in [false, true].map { Cast.target(of: number, provider, isDead: $0) } }
            #expect(Set(targets).count == targets.count)
        }
    }
}
