import Domain
import Testing

@testable import DeliveryEngine

struct SwitchboardTests {
    let now = Timestamp.start
    var board = Switchboard(limits: .init(maxHeld: 100, maxInFlight: 10))

    private struct Silent: Provider {
        var name: ProviderName { .apns }
        var window: Int
        func send(_ messages: [OutboundMessage], deadline: Timestamp) async -> [Outcome] { messages.map { _ in .accepted } }
    }

    private mutating func open(_ org: String, window: Int = 50) -> Int {
        board.open(LaneKey(orgID: org, provider: .apns, credential: "main"), provider: Silent(window: window), now: now)
    }

    private mutating func fill(_ lane: Int, _ count: Int) -> Int {
        let granted = board.reserve(count, in: lane, now: now)
        for index in 0..<granted { board.hand(message("\(index)", lane: board.key(of: lane)), to: lane) }
        return granted
    }

    @Test mutating func `a bulk in one lane does not make another wait`() {
        board.serve()
        let bulk = open("bulk")
        let small = open("small")
        #expect(fill(bulk, 60) == 60)
        #expect(fill(small, 3) == 3)
        let lanes = board.work(now: now).jobs.map(\.lane)
        #expect(lanes.count == 10)
        #expect(Array(lanes.prefix(6)) == [bulk, small, bulk, small, bulk, small])
    }

    @Test mutating func `lanes that hang and fill every slot leave a healthy one its own`() {
        board.serve()
        for org in 0..<3 {
            let lane = open("dead-\(org)")
            _ = fill(lane, 50)
        }
        _ = board.work(now: now)
        #expect(board.inFlight >= 10)
        #expect(board.held >= 100)
        let healthy = open("healthy")
        #expect(fill(healthy, 50) == 16)
        let jobs = board.work(now: now).jobs
        #expect(jobs.count(where: { $0.lane == healthy }) == Lane.ownRequests)
    }

    @Test mutating func `room that one lane gives up is claimed for another's backlog`() throws {
        board.serve()
        let first = open("first")
        let second = open("second")
        #expect(fill(first, 100) == 100)
        #expect(board.reserve(17, in: second, now: now) == 16)
        board.note(due: now, in: second)
        #expect(board.work(now: now).claims.isEmpty)
        board.letGo(80, in: first)
        let claim = try #require(board.work(now: now).claims.first)
        #expect(claim.lane == second)
        #expect(claim.count == 64)
    }

    @Test mutating func `nothing is claimed or sent before it serves, nor after it has stopped`() {
        let lane = open("org")
        #expect(board.reserve(1, in: lane, now: now) == 0)
        board.note(due: now, in: lane)
        #expect(board.work(now: now).claims.isEmpty)
        board.serve()
        #expect(board.work(now: now).claims.count == 1)
        board.claimed([message("a"), message("b")], order: .init(lane: lane, key: board.key(of: lane), count: 100), claimedAt: now)
        board.stop()
        #expect(board.work(now: now).jobs.isEmpty)
        #expect(board.evictAll().count == 2)
        #expect(board.held == 2)
    }

    @Test mutating func `a lane without a provider is stopped, and looks for one at its probe's time`() throws {
        board.serve()
        let lane = board.open(.apns, provider: nil, now: now)
        #expect(board.reserve(1, in: lane, now: now) == 0)
        board.note(due: now, in: lane)
        #expect(board.work(now: now).wakeAt == now + .seconds(30))
        let later = now + .seconds(30)
        board.tick()
        let order = try #require(board.work(now: later).claims.first)
        #expect(order.count == 1)
        board.claimed([message()], order: order, claimedAt: later)
        #expect(board.work(now: later).unresolved == [.apns])
        board.resolved(.apns, provider: nil, now: later)
        let work = board.work(now: later)
        #expect(work.jobs.isEmpty)
    }

    @Test mutating func `a provider that has come is used at once`() throws {
        board.serve()
        let lane = board.open(.apns, provider: nil, now: now)
        board.note(due: now, in: lane)
        _ = board.work(now: now)
        board.credentialChanged(.apns, provider: Silent(window: 2), now: now + .seconds(1))
        let order = try #require(board.work(now: now + .seconds(1)).claims.first)
        board.claimed([message()], order: order, claimedAt: now + .seconds(1))
        #expect(board.work(now: now + .seconds(1)).jobs.count == 1)
    }

    @Test mutating func `a stopped lane's probe does not wait for the room that others fill`() throws {
        board.serve()
        let sick = open("sick")
        _ = fill(sick, 1)
        let job = try #require(board.work(now: now).jobs.first)
        _ = board.ended(job, outcomes: [.refused], now: now)
        board.letGo(1, in: sick)
        board.note(due: now, in: sick)
        let bulk = open("bulk")
        _ = fill(bulk, 100)
        _ = board.work(now: now)
        board.tick()
        #expect(board.work(now: now + .seconds(30)).claims.map(\.lane) == [sick])
    }

    @Test mutating func `orgs that come and go leave nothing behind`() {
        board.serve()
        for number in 0..<10_000 {
            let key = LaneKey(orgID: "org-\(number)", provider: .apns, credential: "main")
            let lane = board.open(key, provider: Silent(window: 2), now: now)
            #expect(board.reserve(1, in: lane, now: now) == 1)
            board.letGo(1, in: lane)
            board.credentialChanged(key, provider: nil, now: now)
            #expect(lane == 0 && board.index(of: key) == nil)
        }
        #expect(board.count == 0 && board.states(now: now).isEmpty)
        // The turns of the forgotten are over as well.
        #expect(board.work(now: now).unresolved.isEmpty && board.work(now: now).wakeAt == nil)
    }

    @Test mutating func `a lane whose credential is gone stays for as long as something of it is held or waits`() throws {
        board.serve()
        let lane = open("org")
        let key = board.key(of: lane)
        #expect(board.reserve(1, in: lane, now: now) == 1)
        board.credentialChanged(key, provider: nil, now: now)
        #expect(board.index(of: key) == lane)
        // Its delivery goes back to the disk, and waits there.
        board.letGo(1, in: lane)
        board.note(due: now, in: lane)
        board.learned([lane: now])
        #expect(board.index(of: key) == lane)
        // It has expired there: the next probe finds nothing, and the next look at the backlog forgets the lane.
        let later = now + .seconds(30)
        board.tick()
        let order = try #require(board.work(now: later).claims.first)
        board.claimed([], order: order, claimedAt: later)
        board.learned([:])
        #expect(board.index(of: key) == nil)
        // Another lane takes its place, and nothing of the old one with it.
        let next = open("next")
        #expect(next == lane && board.states(now: later).map(\.lane.orgID) == ["next"])
        #expect(board.states(now: later).first?.condition == .open)
    }

    @Test mutating func `an inbox is forgotten when it is empty`() {
        board.serve()
        let lane = board.open(.inbox(of: "org"), provider: Inbox(), now: now)
        board.note(due: now, in: lane)
        board.learned([lane: now])
        #expect(board.count == 1)
        board.claimed([], order: board.work(now: now).claims[0], claimedAt: now)
        board.learned([:])
        #expect(board.count == 0)
    }
}
