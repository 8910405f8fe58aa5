import Domain
import Testing

@testable import DeliveryEngine

struct LaneTests {
    let now = Timestamp.start
    var lane: Lane

    init() {
        lane = Lane(key: .apns)
        lane.adopt(window: 4, batchLimit: 1)
    }

    /// Reserves and hands in, as an insert with room does.
    private mutating func fill(_ count: Int, at time: Timestamp? = nil, expiresAt: Timestamp? = nil) {
        #expect(lane.reserve(count, now: time ?? now) == count)
        for index in 0..<count { lane.hand(claim("\(index)", expiresAt: expiresAt)) }
    }

    private mutating func send(at time: Timestamp? = nil) throws -> Lane.Batch {
        var expired: [Claim] = []
        return try #require(lane.nextBatch(now: time ?? now, expired: &expired))
    }

    private mutating func canSend(at time: Timestamp? = nil) -> Bool {
        var copy = lane
        var expired: [Claim] = []
        return copy.nextBatch(now: time ?? now, expired: &expired) != nil
    }

    private mutating func end(_ batch: Lane.Batch, _ outcome: Outcome, at time: Timestamp? = nil) {
        _ = lane.ended(batch, outcomes: batch.claims.map { _ in outcome }, startedAt: now, now: time ?? now)
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
        #expect(lane.reserve(100, now: now) == lane.capacity)
        lane.letGo(10)
        #expect(lane.reserve(1, now: now) == 0)
        lane.note(due: now)
        lane.letGo(lane.held)
        #expect(lane.claimWish(now: now) == lane.capacity)
        lane.beginClaim(32)
        lane.endClaim(asked: 32, claims: [claim()], claimedAt: now)
        #expect(lane.held == 1)
        #expect(lane.reserve(1, now: now) == 1)
    }

    @Test mutating func `a claim that comes back full leaves the lane behind, and is followed by another`() {
        #expect(lane.reserve(lane.capacity + 1, now: now) == lane.capacity)
        lane.note(due: now)
        lane.letGo(lane.held)
        lane.beginClaim(2)
        lane.endClaim(asked: 2, claims: [claim("a"), claim("b")], claimedAt: now)
        #expect(lane.reserve(1, now: now) == 0)
        #expect(lane.claimWish(now: now) == lane.capacity - 2)
    }

    @Test mutating func `what is queued while a claim is under way is not forgotten with the claimed`() {
        lane.note(due: now)
        lane.beginClaim(lane.claimWish(now: now))
        #expect(lane.claimWish(now: now) == 0)
        lane.note(due: now)
        lane.endClaim(asked: 32, claims: [], claimedAt: now)
        #expect(lane.claimWish(now: now) == 32)
    }

    @Test mutating func `a claim that failed is tried again later, not at once`() {
        lane.note(due: now)
        lane.beginClaim(32)
        lane.failClaim(asked: 32, claimedAt: now, retryAt: now + .seconds(1))
        #expect(lane.held == 0)
        #expect(lane.claimWish(now: now) == 0)
        #expect(lane.wakeAt(now: now) == now + .seconds(1))
        #expect(lane.claimWish(now: now + .seconds(1)) == 32)
    }

    @Test mutating func `a retry is claimed when it is due and not before`() {
        lane.note(due: now + .seconds(8))
        #expect(lane.claimWish(now: now + .milliseconds(7_999)) == 0)
        #expect(lane.wakeAt(now: now) == now + .seconds(8))
        #expect(lane.claimWish(now: now + .seconds(8)) > 0)
    }

    // MARK: Order

    @Test mutating func `high priority goes first, else first come first served`() throws {
        for (name, priority) in [("a", Priority.normal), ("b", .high), ("c", .normal), ("d", .high)] {
            #expect(lane.reserve(1, now: now) == 1)
            lane.hand(claim(name, priority: priority))
        }
        var names: [String] = []
        for _ in 0..<4 { names += try send().claims.map(\.delivery.target.address) }
        #expect(names == ["b", "d", "a", "c"])
    }

    @Test mutating func `a batch holds one group, full or as far as there is, and passes nothing over for good`() throws {
        lane = Lane(key: .expo)
        lane.adopt(window: 6, batchLimit: 3)
        #expect(lane.reserve(7, now: now) == 7)
        for (index, group) in ["x", "y", "x", "x", "y", "x", ""].enumerated() { lane.hand(claim("\(index)", group: group)) }
        var batches: [[String]] = []
        while canSend() { batches.append(try send().claims.map(\.delivery.target.address)) }
        #expect(batches == [["0", "2", "3"], ["1", "4"], ["5"], ["6"]])
    }

    @Test mutating func `what has expired is not sent and costs no request`() throws {
        fill(2, expiresAt: now + .seconds(1))
        fill(1)
        var expired: [Claim] = []
        let batch = try #require(lane.nextBatch(now: now + .seconds(1), expired: &expired))
        #expect(expired.count == 2)
        #expect(batch.claims.count == 1)
        #expect(lane.inFlight == 1)
    }

    // MARK: Credential

    @Test mutating func `a refused credential stops the lane; after half a minute one delivery probes, and its success reopens`() throws {
        fill(3)
        end(try send(), .refused)
        #expect(lane.condition(now: now) == .credentialRefused(reason: "InvalidProviderToken", probeAt: now + .seconds(30)))
        #expect(!canSend(at: now + .seconds(29)))
        #expect(lane.wakeAt(now: now) == now + .seconds(30))
        let later = now + .seconds(30)
        let probe = try send(at: later)
        #expect(probe.isProbe)
        #expect(!canSend(at: later))
        end(probe, .accepted, at: later)
        #expect(lane.condition(now: later) == .open)
        #expect(canSend(at: later))
    }

    @Test mutating func `a probe that is refused doubles the wait`() throws {
        fill(3)
        end(try send(), .refused)
        let later = now + .seconds(30)
        end(try send(at: later), .refused, at: later)
        #expect(lane.condition(now: later) == .credentialRefused(reason: "InvalidProviderToken", probeAt: later + .seconds(60)))
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
        #expect(lane.condition(now: now + .seconds(4)) == .open)
    }

    @Test mutating func `a stopped lane gives back what waits, so that it can be cancelled and fills no memory`() throws {
        fill(4)
        let batch = try send()
        #expect(lane.evict(now: now).isEmpty)
        end(batch, .refused)
        #expect(lane.evict(now: now).count == 3)
        #expect(lane.waiting.isEmpty)
        #expect(lane.held == 3)
        lane.letGo(3)
        lane.note(due: now)
        // On disk it waits for the probe; and only that one is claimed.
        #expect(lane.reserve(1, now: now) == 0)
        #expect(lane.claimWish(now: now) == 0)
        #expect(lane.wakeAt(now: now) == now + .seconds(30))
        #expect(lane.claimWish(now: now + .seconds(30)) == 1)
    }

    @Test mutating func `the second attempt with a fresh token belongs to the same probe`() throws {
        fill(2)
        end(try send(), .refused)
        let later = now + .seconds(30)
        end(try send(at: later), Outcome(verdict: .refreshed(afterwards: .credentialRefused), rule: "test.403.Expired", status: 403), at: later)
        #expect(lane.reserve(1, now: later) == 1)
        lane.handBack(claim("again", isRefreshed: true))
        let second = try send(at: later)
        #expect(second.isProbe)
        end(second, Outcome(verdict: .refreshed(afterwards: .credentialRefused), rule: "test.403.Expired", status: 403, reason: "Expired"), at: later)
        #expect(lane.condition(now: later) == .credentialRefused(reason: "Expired", probeAt: later + .seconds(60)))
    }

    // MARK: Provider

    @Test mutating func `a provider that fails stops the lane and is probed with one delivery`() throws {
        fill(8)
        for _ in 0..<5 { end(try send(), .down) }
        #expect(lane.condition(now: now) == .broken(reason: "connect_failed", probeAt: now + .seconds(5)))
        let later = now + .seconds(5)
        #expect(try send(at: later).isProbe)
        #expect(!canSend(at: later))
    }

    @Test mutating func `addresses that are refused never open the breaker`() throws {
        for _ in 0..<50 {
            fill(1)
            end(try send(), .gone)
        }
        #expect(lane.condition(now: now) == .open)
    }

    @Test mutating func `a batch in which one message got through shows the provider well`() throws {
        lane = Lane(key: .expo)
        lane.adopt(window: 6, batchLimit: 10)
        for _ in 0..<10 {
            fill(2)
            let batch = try send()
            _ = lane.ended(batch, outcomes: [.down, .accepted], startedAt: now, now: now)
            lane.letGo(2)
        }
        #expect(lane.condition(now: now) == .open)
    }

    @Test mutating func `a quota of the lane pauses it for as long as the provider says`() throws {
        fill(2)
        end(try send(), .quota(.seconds(20)))
        #expect(lane.condition(now: now) == .throttled(until: now + .seconds(20)))
        #expect(!canSend(at: now + .seconds(19)))
        #expect(lane.wakeAt(now: now) == now + .seconds(20))
        #expect(canSend(at: now + .milliseconds(20_001)))
    }

    @Test mutating func `an idle lane asks for nothing`() throws {
        #expect(lane.wakeAt(now: now) == nil)
        fill(1)
        end(try send(), .accepted)
        #expect(lane.wakeAt(now: now) == nil)
        #expect(lane.held == 0)
    }
}
