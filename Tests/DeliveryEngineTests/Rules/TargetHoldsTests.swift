import Domain
import Testing

@testable import DeliveryEngine

struct TargetHoldsTests {
    let now = Timestamp.start
    var holds = TargetHolds()

    private func until(_ address: String, at time: Timestamp) -> Timestamp? { holds.hold(of: address, .apns, now: time)?.until }

    @Test mutating func `a device is left alone for the time that its provider names, and nobody else is`() {
        holds.refused("a", .apns, for: .seconds(30), reason: "TooManyRequests", now: now)
        #expect(holds.hold(of: "a", .apns, now: now) == .init(until: now + .seconds(30), reason: "TooManyRequests"))
        #expect(until("a", at: now + .seconds(30)) == nil)
        #expect(until("b", at: now) == nil)
        #expect(holds.hold(of: "a", .fcm, now: now) == nil)
    }

    @Test mutating func `where no time is named, each refusal that follows soon lasts twice as long, up to a bound`() {
        var time = now
        var lasted: [Duration] = []
        for _ in 0..<12 {
            holds.refused("a", .apns, for: .zero, reason: "429", now: time)
            let end = until("a", at: time) ?? time
            lasted.append(end - time)
            time = end
        }
        #expect(lasted.prefix(4) == [.seconds(1), .seconds(2), .seconds(4), .seconds(8)])
        #expect(lasted.last == TargetHolds.longest)
    }

    @Test mutating func `refusals of what was under way at the same time count once`() {
        for _ in 0..<10 { holds.refused("a", .apns, for: .zero, reason: "429", now: now) }
        #expect(until("a", at: now) == now + .seconds(1))
    }

    @Test mutating func `after as long a rest again it begins anew`() {
        holds.refused("a", .apns, for: .zero, reason: "429", now: now)
        holds.refused("a", .apns, for: .zero, reason: "429", now: now + .seconds(2))
        #expect(until("a", at: now + .seconds(2)) == now + .seconds(3))
        holds.forgetOver(now: now + .seconds(4))
        #expect(holds.isEmpty)
    }

    @Test mutating func `memory is bounded, and who is free soonest is forgotten first`() {
        for index in 0..<(3 * TargetHolds.limit) {
            holds.refused("device-\(index)", .apns, for: .seconds(Int64(60 + index)), reason: "429", now: now)
            #expect(holds.count <= TargetHolds.limit)
        }
        #expect(until("device-\(3 * TargetHolds.limit - 1)", at: now) != nil)
        #expect(until("device-0", at: now) == nil)
    }

    @Test mutating func `a clock that is set back makes nobody wait for longer`() {
        holds.refused("a", .apns, for: .seconds(30), reason: "429", now: now)
        holds.clockWasSetBack(by: .seconds(7_200))
        let back = now - .seconds(7_200)
        #expect(until("a", at: back) == back + .seconds(30))
    }
}
