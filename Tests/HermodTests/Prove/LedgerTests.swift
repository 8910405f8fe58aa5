import Domain
import Testing

@testable import Hermod

/// The ledger has to find what is wrong: a proof by a judge who sees nothing is none.
@Suite struct LedgerTests {
    /// Of a run that has planned so many.
    private func report(_ ledger: Ledger, of notifications: Int, _ claims: Ledger.Claims = .init()) -> LedgerReport {
        ledger.report(ProvePlan(seed: 1, notifications: notifications, faults: [], pace: .full), claims)
    }

    private func claims(clock: UInt32 = 1_000_000, _ failed: [Int: FailureRule.Claim] = [:]) -> Ledger.Claims {
        var claims = Ledger.Claims()
        claims.clock = clock
        claims.failed = failed
        return claims
    }

    private func order(_ number: Int, isDead: Bool = false) -> Order {
        Order(org: "alpha", kind: .direct(.apns, isDead: isDead), temper: .insists, first: number, count: 1, waits: false)
    }

    private func id(_ number: Int) throws -> NotificationID {
        try #require(NotificationID(Identifier(high: 1, low: UInt64(number)).text(prefix: "msg_")))
    }

    /// As the mock lists it.
    private func arrival(
        _ number: Int, of notification: Int, at: Int = 100, accepted: Bool = true, reason: String? = nil, id: String = "A", to: String? = nil
    )
        throws -> Arrival
    {
        let json: JSON = [
            "number": .integer(number), "provider": "apns", "to": .string(to ?? Cast.target(of: notification, .apns, isDead: false)),
            "id": .string(id), "received_at": .integer(at),
            "status": accepted ? 200 : 410, "reason": reason.map(JSON.string) ?? .null, "accepted": .bool(accepted),
            "title": .string(Cast.title(notification)), "connection": 3,
        ]
        return try Arrival(json) { UInt32($0) }
    }

    private func accept(_ numbers: Range<Int>, in ledger: Ledger, deadline: UInt32? = nil, isDead: Bool = false) throws {
        for number in numbers {
            ledger.posting(order(number, isDead: isDead), episode: 0, at: 50, deadline: deadline)
            ledger.accepted(number, as: try id(number))
        }
    }

    @Test func `what was accepted and arrived once is delivered, with its time`() throws {
        let ledger = Ledger(notifications: 10)
        try accept(0..<2, in: ledger)
        try ledger.arrived([try arrival(1, of: 0, at: 80), try arrival(2, of: 1, at: 90)])
        let report = report(ledger, of: 2)
        #expect(report.isProof)
        #expect(report.total.delivered == 2)
        #expect(report.total.latencies == [30, 40])
    }

    @Test func `what was accepted and never arrived is lost`() throws {
        let ledger = Ledger(notifications: 10)
        try accept(0..<3, in: ledger)
        try ledger.arrived([try arrival(1, of: 1)])
        let report = report(ledger, of: 3)
        #expect(report.total.lost == 2)
        #expect(!report.isProof)
        #expect(report.faults.map(\.notification) == [0, 2])
    }

    @Test func `what was not answered for is neither accepted nor lost`() throws {
        let ledger = Ledger(notifications: 10)
        try accept(2..<3, in: ledger)
        try ledger.arrived([try arrival(1, of: 2)])
        ledger.posting(order(0), episode: 0, at: 1, deadline: nil)
        ledger.posting(order(1), episode: 0, at: 1, deadline: nil)
        ledger.refused(order(1))
        let report = report(ledger, of: 3)
        #expect(report.isProof)
        #expect(report.total.posted == 3)
        #expect(report.total.accepted == 1)
    }

    @Test func `a failure counts as such only where the mock agrees`() throws {
        let ledger = Ledger(notifications: 10)
        try accept(0..<3, in: ledger, isDead: true)
        try ledger.arrived([try arrival(1, of: 0, accepted: false, reason: "Unregistered")])
        var claims = claims()
        for number in 0..<2 { claims.failed[number] = .init(reason: "Unregistered", error: "Device is no longer registered", at: 200) }
        claims.failed[2] = .init(reason: "timeout", error: "Gave up after 12 attempts", at: 200)
        let report = report(ledger, of: 3, claims)
        #expect(report.total.failed == ["Unregistered": 1])
        #expect(report.total.lost == 2)
    }

    @Test func `of a dead device it is honest not to know, where the refusal could not be read, and of a living one it is not`() throws {
        let ledger = Ledger(notifications: 10)
        try accept(0..<1, in: ledger, isDead: true)
        try accept(1..<2, in: ledger)
        for number in 0..<2 {
            try ledger.arrived([try arrival(number + 1, of: number, accepted: false, reason: "DeviceNotRegistered")])
        }
        var claims = claims()
        for number in 0..<2 {
            claims.failed[number] = .init(reason: "outcome_unknown", error: "It is not known whether Expo took the message", at: 200)
        }
        let report = report(ledger, of: 2, claims)
        #expect(report.total.failed == ["outcome_unknown": 1])
        #expect(report.faults.map(\.notification) == [1])
    }

    @Test func `an expiry is honest only when there was a deadline and it had passed by then`() throws {
        let ledger = Ledger(notifications: 10)
        try accept(0..<1, in: ledger, deadline: 5_000)
        try accept(1..<2, in: ledger, deadline: 90_000)
        try accept(2..<3, in: ledger)
        let claim = FailureRule.Claim(reason: "expired", error: "Expired", at: 6_000)
        let report = report(ledger, of: 3, claims([0: claim, 1: claim, 2: claim]))
        #expect(report.total.failed == ["expired": 1])
        #expect(report.faults.map(\.notification) == [1, 2])
    }

    @Test func `that the next attempt would have come too late is honest when no pause is as long as to the deadline, else not`() throws {
        let ledger = Ledger(notifications: 10)
        try accept(0..<1, in: ledger, deadline: 6_000 + 3_600_000)
        try accept(1..<2, in: ledger, deadline: 48 * 3_600_000)
        try accept(2..<3, in: ledger)
        let claim = FailureRule.Claim(reason: "timeout", error: "APNs could not take the message before it expired (timeout)", at: 6_000)
        let report = report(ledger, of: 3, claims([0: claim, 1: claim, 2: claim]))
        #expect(report.total.failed == ["expired": 1])
        #expect(report.faults.map(\.notification) == [1, 2])
    }

    @Test func `a failure of the future is none`() throws {
        let ledger = Ledger(notifications: 10)
        try accept(0..<1, in: ledger, deadline: 5_000)
        let claim = FailureRule.Claim(reason: "expired", error: "Expired", at: 60_000)
        #expect(report(ledger, of: 1, claims(clock: 10_000, [0: claim])).total.lost == 1)
    }

    @Test func `a dead device's message may not fail for a refusal that says nothing of the device`() throws {
        let ledger = Ledger(notifications: 10)
        try accept(0..<1, in: ledger, isDead: true)
        try ledger.arrived([try arrival(1, of: 0, accepted: false, reason: "TooManyRequests")])
        let claim = FailureRule.Claim(reason: "TooManyRequests", error: "Gave up after 1 attempt", at: 200)
        #expect(report(ledger, of: 1, claims([0: claim])).total.lost == 1)
    }

    @Test func `giving up is honest after as many refusals as the configuration asks for`() throws {
        let ledger = Ledger(notifications: 10)
        try accept(0..<2, in: ledger)
        try ledger.arrived((1...12).map { try arrival($0, of: 0, accepted: false, reason: "InternalServerError") })
        try ledger.arrived((13...23).map { try arrival($0, of: 1, accepted: false, reason: "InternalServerError") })
        var claims = claims()
        for number in 0..<2 { claims.failed[number] = .init(reason: "InternalServerError", error: "Gave up after 12 attempts", at: 200) }
        let report = report(ledger, of: 2, claims)
        #expect(report.total.failures == 1)
        #expect(report.total.lost == 1)
    }

    @Test func `a repetition is unexplained until a known event accounts for it`() throws {
        let ledger = Ledger(notifications: 10)
        try accept(0..<3, in: ledger)
        for number in 0..<3 {
            try ledger.arrived([try arrival(2 * number + 1, of: number), try arrival(2 * number + 2, of: number, at: 300)])
        }
        ledger.died(at: 200, underWay: [0])
        #expect(ledger.unexplained == [1, 2])
        let report = report(ledger, of: 3, .init(lateAnswers: [2: 1]))
        #expect(report.total.explained == [.crash: 1, .lateAnswer: 1])
        #expect(report.total.unexplained == 1)
        #expect(!report.isProof)
    }

    @Test func `messages that the mock forgot before they were read end the proof`() throws {
        let ledger = Ledger(notifications: 10)
        try ledger.arrived([try arrival(1, of: 0)])
        #expect(throws: StartFault.self) { try ledger.arrived([try arrival(3, of: 1)]) }
    }

    @Test func `what the mock took for another device than it was for is lost`() throws {
        let ledger = Ledger(notifications: 10)
        try accept(0..<2, in: ledger)
        try ledger.arrived([try arrival(1, of: 0), try arrival(2, of: 1, to: Cast.target(of: 0, .apns, isDead: false))])
        let report = report(ledger, of: 2)
        #expect(report.total.delivered == 1)
        #expect(report.total.lost == 1)
        #expect(report.faults.map(\.notification) == [1])
    }

    @Test func `what nobody has sent may not arrive`() throws {
        let ledger = Ledger(notifications: 10)
        try accept(0..<1, in: ledger)
        try ledger.arrived([try arrival(1, of: 0), try arrival(2, of: 5)])
        #expect(report(ledger, of: 1).total.unexplained == 1)
    }

    @Test func `what has been promised stays promised when the call is made again or refused`() throws {
        let ledger = Ledger(notifications: 10)
        try accept(0..<1, in: ledger)
        ledger.posting(order(0), episode: 0, at: 60, deadline: nil)
        ledger.refused(order(0))
        #expect(report(ledger, of: 1).total.lost == 1)
    }

    @Test func `a run that has not sent all that was planned proves nothing, nor one of which nothing was accepted`() throws {
        let ledger = Ledger(notifications: 10)
        try accept(0..<2, in: ledger)
        try ledger.arrived([try arrival(1, of: 0), try arrival(2, of: 1)])
        #expect(report(ledger, of: 2).isProof)
        #expect(!report(ledger, of: 3).isProof)
        let silent = Ledger(notifications: 1)
        silent.posting(order(0), episode: 0, at: 1, deadline: nil)
        #expect(!report(silent, of: 1).isProof)
    }

    @Test func `a message that can't be read ends the proof`() {
        #expect(throws: StartFault.self) { try Arrival(["number": 1, "provider": "apns", "accepted": true]) { UInt32($0) } }
    }

    @Test func `an id takes the form that its contract gave it`() throws {
        for prefix in ["msg_", "notif_", "notif-"] {
            let text = Identifier(high: 5, low: 6).text(prefix: prefix)
            #expect(try #require(NotificationID(text)).text == text)
        }
        #expect(NotificationID("batch_0351EDtz9RIHHn5KCSH08x") == nil)
    }
}
