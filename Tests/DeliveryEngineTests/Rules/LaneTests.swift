import Domain
import Testing

@testable import DeliveryEngine

struct LaneTests {
    let now = Timestamp.start
    var lane: Lane
    var quota = Limiter(.undocumented(nil))

    init() {
        lane = Lane(key: .apns)
        lane.adopt(window: 4, batchLimit: 1)
    }

    /// Reserves and hands in, as an insert with room does.
    private mutating func fill(_ count: Int, at time: Timestamp? = nil, expiresAt: Timestamp? = nil) {
        #expect(lane.reserve(count, now: time ?? now, quota: quota) == count)
        for index in 0..<count { lane.hand(claim("\(index)", expiresAt: expiresAt)) }
    }

    private mutating func send(at time: Timestamp? = nil) throws -> Lane.Batch {
        var removed: [Lane.Removal] = []
        return try #require(lane.nextBatch(now: time ?? now, quota: &quota, removed: &removed))
    }

    private mutating func canSend(at time: Timestamp? = nil) -> Bool {
        var (lane, quota) = (lane, quota)
        var removed: [Lane.Removal] = []
        return lane.nextBatch(now: time ?? now, quota: &quota, removed: &removed) != nil
    }

    private mutating func end(_ batch: Lane.Batch, _ outcome: Outcome, at time: Timestamp? = nil) {
        var trip: GuardRail.Trip?
        _ = lane.ended(batch, outcomes: batch.claims.map { _ in outcome }, trip: &trip, now: time ?? now)
        lane.letGo(batch.claims.count)
    }

    // MARK: Room

    @Test mutating func `no more requests are under way than the window allows`() throws {
        fill(6)
        let first = try send()
        for _ in 0..<3 { _ = try send() }
        #expect(!canSend())
        end(first, .accepted)
        #expect(canSend())
    }

    @Test mutating func `a lane holds no more than its capacity, and what comes then goes behind what waits on disk`() {
        #expect(lane.reserve(100, now: now, quota: quota) == lane.capacity)
        lane.letGo(10)
        #expect(lane.reserve(1, now: now, quota: quota) == 0)
        lane.note(due: now)
        lane.letGo(lane.held)
        #expect(lane.claimWish(now: now, quota: quota) == lane.capacity)
        lane.beginClaim(32)
        lane.endClaim(asked: 32, claims: [claim()], claimedAt: now)
        #expect(lane.held == 1)
        #expect(lane.reserve(1, now: now, quota: quota) == 1)
    }

    @Test mutating func `a claim that comes back full leaves the lane behind, and is followed by another`() {
        #expect(lane.reserve(lane.capacity + 1, now: now, quota: quota) == lane.capacity)
        lane.note(due: now)
        lane.letGo(lane.held)
        lane.beginClaim(2)
        lane.endClaim(asked: 2, claims: [claim("a"), claim("b")], claimedAt: now)
        #expect(lane.reserve(1, now: now, quota: quota) == 0)
        #expect(lane.claimWish(now: now, quota: quota) == lane.capacity - 2)
    }

    @Test mutating func `what is queued while a claim is under way is not forgotten with the claimed`() {
        lane.note(due: now)
        lane.beginClaim(lane.claimWish(now: now, quota: quota))
        #expect(lane.claimWish(now: now, quota: quota) == 0)
        lane.note(due: now)
        lane.endClaim(asked: 32, claims: [], claimedAt: now)
        #expect(lane.claimWish(now: now, quota: quota) == 32)
    }

    @Test mutating func `a claim that failed is tried again later, not at once`() {
        lane.note(due: now)
        lane.beginClaim(32)
        lane.failClaim(asked: 32, claimedAt: now, retryAt: now + .seconds(1))
        #expect(lane.held == 0)
        #expect(lane.claimWish(now: now, quota: quota) == 0)
        #expect(lane.wakeAt(now: now, quota: quota) == now + .seconds(1))
        #expect(lane.claimWish(now: now + .seconds(1), quota: quota) == 32)
    }

    @Test mutating func `a retry is claimed when it is due and not before`() {
        lane.note(due: now + .seconds(8))
        #expect(lane.claimWish(now: now + .milliseconds(7_999), quota: quota) == 0)
        #expect(lane.wakeAt(now: now, quota: quota) == now + .seconds(8))
        #expect(lane.claimWish(now: now + .seconds(8), quota: quota) > 0)
    }

    // MARK: Order

    @Test mutating func `high priority goes first, else first come first served`() throws {
        for (name, priority) in [("a", Priority.normal), ("b", .high), ("c", .normal), ("d", .high)] {
            #expect(lane.reserve(1, now: now, quota: quota) == 1)
            lane.hand(claim(name, priority: priority))
        }
        var names: [String] = []
        for _ in 0..<4 { names += try send().claims.map(\.delivery.target.address) }
        #expect(names == ["b", "d", "a", "c"])
    }

    @Test mutating func `a batch holds one group, full or as far as there is, and passes nothing over for good`() throws {
        lane = Lane(key: .expo)
        lane.adopt(window: 6, batchLimit: 3)
        #expect(lane.reserve(7, now: now, quota: quota) == 7)
        for (index, group) in ["x", "y", "x", "x", "y", "x", ""].enumerated() { lane.hand(claim("\(index)", group: group)) }
        var batches: [[String]] = []
        while canSend() { batches.append(try send().claims.map(\.delivery.target.address)) }
        #expect(batches == [["0", "2", "3"], ["1", "4"], ["5"], ["6"]])
    }

    @Test mutating func `what has expired is not sent and costs no request`() throws {
        fill(2, expiresAt: now + .seconds(1))
        fill(1)
        var removed: [Lane.Removal] = []
        let batch = try #require(lane.nextBatch(now: now + .seconds(1), quota: &quota, removed: &removed))
        #expect(removed.map(\.cause) == [.expired, .expired])
        #expect(batch.claims.count == 1)
        #expect(lane.inFlight == 1)
    }

    // MARK: Credential

    @Test mutating func `a refused credential stops the lane; after half a minute one delivery probes, and its success reopens`() throws {
        fill(3)
        end(try send(), .refused)
        #expect(lane.condition(now: now, quota: quota) == .credentialRefused(reason: "InvalidProviderToken", probeAt: now + .seconds(30)))
        #expect(!canSend(at: now + .seconds(29)))
        #expect(lane.wakeAt(now: now, quota: quota) == now + .seconds(30))
        let later = now + .seconds(30)
        let probe = try send(at: later)
        #expect(probe.isProbe)
        #expect(!canSend(at: later))
        end(probe, .accepted, at: later)
        #expect(lane.condition(now: later, quota: quota) == .open)
        #expect(canSend(at: later))
    }

    @Test mutating func `a probe that is refused doubles the wait`() throws {
        fill(3)
        end(try send(), .refused)
        let later = now + .seconds(30)
        end(try send(at: later), .refused, at: later)
        #expect(lane.condition(now: later, quota: quota) == .credentialRefused(reason: "InvalidProviderToken", probeAt: later + .seconds(60)))
    }

    @Test mutating func `a changed credential is probed at once, and late refusals of the old one are ignored`() throws {
        fill(4)
        let old = try send()
        let older = try send()
        end(old, .refused)
        lane.credentialChanged(now: now + .seconds(2))
        let probe = try send(at: now + .seconds(2))
        #expect(probe.isProbe)
        end(probe, .accepted, at: now + .seconds(3))
        end(older, .refused, at: now + .seconds(4))
        #expect(lane.condition(now: now + .seconds(4), quota: quota) == .open)
    }

    @Test mutating func `a stopped lane gives back what waits, so that it can be cancelled and fills no memory`() throws {
        fill(4)
        let batch = try send()
        #expect(lane.evict(now: now, quota: quota).isEmpty)
        end(batch, .refused)
        #expect(lane.evict(now: now, quota: quota).count == 3)
        #expect(lane.waiting.isEmpty)
        #expect(lane.held == 3)
        lane.letGo(3)
        lane.note(due: now)
        // On disk it waits for the probe; and only that one is claimed.
        #expect(lane.reserve(1, now: now, quota: quota) == 0)
        #expect(lane.claimWish(now: now, quota: quota) == 0)
        #expect(lane.wakeAt(now: now, quota: quota) == now + .seconds(30))
        #expect(lane.claimWish(now: now + .seconds(30), quota: quota) == 1)
    }

    @Test mutating func `the second attempt with a fresh token belongs to the same probe`() throws {
        fill(2)
        end(try send(), .refused)
        let later = now + .seconds(30)
        end(try send(at: later), Outcome(verdict: .refreshed(afterwards: .credentialRefused), rule: "test.403.Expired", status: 403), at: later)
        #expect(lane.reserve(1, now: later, quota: quota) == 1)
        lane.handBack(claim("again", isRefreshed: true))
        let second = try send(at: later)
        #expect(second.isProbe)
        end(second, Outcome(verdict: .refreshed(afterwards: .credentialRefused), rule: "test.403.Expired", status: 403, reason: "Expired"), at: later)
        #expect(lane.condition(now: later, quota: quota) == .credentialRefused(reason: "Expired", probeAt: later + .seconds(60)))
    }

    // MARK: Provider

    @Test mutating func `a provider that fails stops the lane and is probed with one delivery`() throws {
        fill(8)
        for _ in 0..<5 { end(try send(), .down) }
        #expect(lane.condition(now: now, quota: quota) == .broken(reason: "connect_failed", probeAt: now + .seconds(5)))
        let later = now + .seconds(5)
        #expect(try send(at: later).isProbe)
        #expect(!canSend(at: later))
    }

    @Test mutating func `addresses that are refused never open the breaker`() throws {
        for _ in 0..<50 {
            fill(1)
            end(try send(), .gone)
        }
        #expect(lane.condition(now: now, quota: quota) == .open)
    }

    @Test mutating func `a batch in which one message got through shows the provider well`() throws {
        lane = Lane(key: .expo)
        lane.adopt(window: 6, batchLimit: 10)
        for _ in 0..<10 {
            fill(2)
            let batch = try send()
            var trip: GuardRail.Trip?
            _ = lane.ended(batch, outcomes: [.down, .accepted], trip: &trip, now: now)
            lane.letGo(2)
        }
        #expect(lane.condition(now: now, quota: quota) == .open)
    }

    @Test mutating func `a quota that is paused stops the lane for as long as the provider says`() throws {
        fill(2)
        _ = try send()
        quota.throttle(for: .seconds(20), sentAt: now, now: now)
        #expect(lane.condition(now: now, quota: quota) == .throttled(until: now + .seconds(20)))
        #expect(!canSend(at: now + .seconds(19)))
        #expect(lane.wakeAt(now: now, quota: quota) == now + .seconds(20))
        #expect(canSend(at: now + .milliseconds(20_001)))
    }

    // MARK: Provider's health

    /// Answers, and whether they are for or against the provider's health.
    private static let healthy: [Outcome] = [
        .accepted, .refused, .gone, .suspect, .quota(.seconds(1)),
        Outcome(verdict: .rejected, rule: "test.413", status: 413, reason: "PayloadTooLarge"),
        Outcome(verdict: .deferred(Wait(scope: .target)), rule: "test.429", status: 429, reason: "TooManyRequests"),
        Outcome(verdict: .refreshed(afterwards: .credentialRefused), rule: "test.401", status: 401),
    ]
    /// What never got there.
    private static let unsent: [Outcome] = [
        Outcome(verdict: .rejected, rule: "test.local.payload_too_large", reason: "payload_too_large"),
        Outcome(verdict: .deferred(Wait()), rule: "test.not_sent.cancelled", reason: "cancelled"),
        Outcome(verdict: .unknown(resend: true), rule: "test.unknown.shutdown", reason: "shutdown"),
    ]

    @Test(arguments: healthy + unsent)
    mutating func `only the provider's health opens the breaker`(outcome: Outcome) throws {
        for _ in 0..<50 {
            #expect(lane.reserve(1, now: now, quota: quota) <= 1)
            lane.hand(claim("a"))
            guard canSend() else { break }
            end(try send(), outcome)
        }
        #expect(lane.breaker.isClosed)
    }

    @Test(arguments: unsent)
    mutating func `a probe that never got there says nothing of the provider`(outcome: Outcome) throws {
        fill(8)
        for _ in 0..<5 { end(try send(), .down) }
        let later = now + .seconds(5)
        end(try send(at: later), outcome, at: later)
        #expect(lane.condition(now: later, quota: quota) == .broken(reason: "connect_failed", probeAt: later + .seconds(5)))
    }

    @Test mutating func `one server that goes down is none of the provider's health; two in a row for one message are`() throws {
        let shutdown = Outcome(verdict: .refreshed(afterwards: .deferred), rule: "test.503.Shutdown", status: 503, reason: "Shutdown")
        for _ in 0..<5 {
            fill(1)
            end(try send(), shutdown)
        }
        #expect(lane.breaker.isClosed)
        for _ in 0..<5 {
            #expect(lane.reserve(1, now: now, quota: quota) == 1)
            lane.handBack(claim("again", isRefreshed: true))
            end(try send(), shutdown)
        }
        #expect(lane.condition(now: now, quota: quota) == .broken(reason: "Shutdown", probeAt: now + .seconds(5)))
    }

    // MARK: Priorities

    @Test mutating func `a lane that is full of normal priority has room for high`() {
        #expect(lane.reserve(100, .normal, now: now, quota: quota) == lane.capacity)
        #expect(lane.reserve(3, .high, now: now, quota: quota) == 3)
        // The bulk's backlog is on disk; high goes past it, so far.
        #expect(lane.reserve(1, .normal, now: now, quota: quota) == 0)
        #expect(lane.reserve(100, .high, now: now, quota: quota) == lane.express - 3)
        #expect(lane.reserve(1, .high, now: now, quota: quota) == 0)
        #expect(lane.held == lane.capacity + lane.express)
        // A claim that shows that no high one is left lets the next ones pass again.
        lane.note(due: now)
        lane.letGo(lane.held)
        lane.beginClaim(20)
        lane.endClaim(asked: 20, claims: (0..<20).map { claim("\($0)", priority: .normal) }, claimedAt: now)
        #expect(lane.reserve(1, .high, now: now, quota: quota) == 1)
        #expect(lane.reserve(1, .normal, now: now, quota: quota) == 0)
    }

    @Test mutating func `a claim that is full of high priority keeps high ones in their order`() {
        #expect(lane.reserve(100, .high, now: now, quota: quota) == lane.capacity + lane.express)
        lane.note(due: now)
        lane.letGo(lane.held)
        lane.beginClaim(20)
        lane.endClaim(asked: 20, claims: (0..<20).map { claim("\($0)", priority: $0 < 18 ? .high : .normal) }, claimedAt: now)
        #expect(lane.reserve(1, .high, now: now, quota: quota) == 0)
    }

    @Test mutating func `a stream of high priority without end leaves normal priority one request in ten`() throws {
        #expect(lane.reserve(4, .normal, now: now, quota: quota) == 4)
        for name in ["n1", "n2"] { lane.hand(claim(name, priority: .normal)) }
        var names: [String] = []
        for index in 0..<20 {
            #expect(lane.reserve(1, .high, now: now, quota: quota) == 1)
            lane.hand(claim("h\(index)"))
            let batch = try send()
            names += batch.claims.map(\.delivery.target.address)
            end(batch, .accepted)
        }
        #expect(names.enumerated().filter { $0.element.hasPrefix("n") }.map(\.offset) == [9, 19])
    }

    @Test mutating func `where the provider has slowed the quota down, little is claimed ahead of what may be urgent`() {
        quota = Limiter(ceiling: 100, burst: 10)
        #expect(lane.reserve(100, .normal, now: now, quota: quota) == lane.capacity)
        lane.letGo(lane.held)
        for second in Int64(0)..<10 { quota.throttle(for: .zero, sentAt: now + .seconds(second * 2), now: now + .seconds(second * 2)) }
        let later = now + .seconds(19)
        lane.note(due: later)
        #expect(lane.claimWish(now: later, quota: quota) == 8)
    }

    @Test mutating func `what is for a device that is to be left alone is given back, and the next one goes`() throws {
        fill(3)
        var holds = TargetHolds()
        holds.refused("0", .apns, for: .seconds(30), reason: "TooManyRequests", now: now)
        var removed: [Lane.Removal] = []
        let batch = try #require(lane.nextBatch(now: now, quota: &quota, holds: holds, removed: &removed))
        #expect(batch.claims.map(\.delivery.target.address) == ["1"])
        #expect(removed.map(\.cause) == [.target(.init(until: now + .seconds(30), reason: "TooManyRequests"))])
    }

    @Test mutating func `an idle lane asks for nothing`() throws {
        #expect(lane.wakeAt(now: now, quota: quota) == nil)
        fill(1)
        end(try send(), .accepted)
        #expect(lane.wakeAt(now: now, quota: quota) == nil)
        #expect(lane.held == 0)
    }
}
