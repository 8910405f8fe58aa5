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
        board.learned([lane: now], now: now)
        #expect(board.index(of: key) == lane)
        // It has expired there: the next probe finds nothing, and the next look at the backlog forgets the lane.
        let later = now + .seconds(30)
        board.tick()
        let order = try #require(board.work(now: later).claims.first)
        board.claimed([], order: order, claimedAt: later)
        board.learned([:], now: now)
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
        board.learned([lane: now], now: now)
        #expect(board.count == 1)
        board.claimed([], order: board.work(now: now).claims[0], claimedAt: now)
        board.learned([:], now: now)
        #expect(board.count == 0)
    }

    // MARK: Quotas

    /// Of one project, whoever's it is; and with projects of its own by affinity.
    private struct Shared: Provider {
        var name: ProviderName { .expo }
        var window: Int { 50 }
        var batchLimit = 1
        var ceiling = 100.0
        func affinity(of message: OutboundMessage) -> String { message.content.collapseID ?? "" }
        func quota(of affinity: String) -> Quota {
            Quota(name: affinity.hasPrefix("@") ? "expo/\(affinity)" : "expo/token/1", ceiling: ceiling, burst: 10)
        }
        func send(_ messages: [OutboundMessage], deadline: Timestamp) async -> [Outcome] { messages.map { _ in .accepted } }
    }

    private mutating func openShared(_ org: String, _ provider: Shared = Shared()) -> Int {
        board.open(LaneKey(orgID: org, provider: .expo, credential: "main"), provider: provider, now: now)
    }

    /// Lets lanes that always have more send for so long, against a provider that takes `allowed` messages a second.
    private mutating func run(_ lanes: [Int], seconds: Int64, allowed: Double) -> (taken: [Int: Int], refused: Int) {
        for lane in lanes { #expect(fill(lane, 10) == 10) }
        var provider = Limiter(ceiling: allowed, burst: allowed)
        var taken: [Int: Int] = [:]
        var refused = 0
        var time = now
        while time < now + .seconds(seconds) {
            board.tick()
            let work = board.work(now: time)
            for job in work.jobs {
                let isTaken = provider.take(1, fullBatch: 1, now: time) == 1
                if isTaken { taken[job.lane, default: 0] += 1 } else { refused += 1 }
                _ = board.ended(job, outcomes: [isTaken ? .accepted : .quota(.seconds(1))], now: time)
                board.hand(message("next", lane: board.key(of: job.lane)), to: job.lane)
            }
            for release in work.evicted { board.hand(release.claim.message, to: release.lane) }
            let next = [work.wakeAt, work.turnAt].compactMap(\.self).min()
            time = max(next ?? time, time + .milliseconds(1))
        }
        return (taken, refused)
    }

    @Test mutating func `lanes of one project share its rate, and each has its turn`() {
        board.serve()
        let lanes = [openShared("a"), openShared("b"), openShared("c")]
        let (taken, refused) = run(lanes, seconds: 30, allowed: 1_000)
        let all = taken.values.reduce(0, +)
        #expect(refused == 0 && all <= 30 * 100 + 10 && all > 2_900)
        for lane in lanes { #expect(abs((taken[lane] ?? 0) - all / 3) <= 2) }
    }

    @Test mutating func `lanes of one project find out together how much it takes, and none pays for another`() {
        board.serve()
        let lanes = [openShared("a"), openShared("b")]
        let (taken, refused) = run(lanes, seconds: 120, allowed: 40)
        let all = taken.values.reduce(0, +)
        // As many as the provider takes but for the pauses, and hardly any in vain.
        #expect(all > 120 * 40 / 2 && all <= 121 * 40)
        #expect(refused * 20 < all)
        for lane in lanes { #expect((taken[lane] ?? 0) * 100 > all * 45) }
        #expect(board.quotaStates(now: now + .seconds(120)).first { $0.name == "expo/token/1" }?.lanes == 2)
    }

    @Test mutating func `a lane that comes last does not take what others wait for`() {
        board.serve()
        let first = openShared("first", Shared(batchLimit: 10, ceiling: 50))
        let late = openShared("late", Shared(batchLimit: 10, ceiling: 50))
        _ = fill(first, 30)
        #expect(board.work(now: now).jobs.map(\.batch.claims.count) == [10])
        // The first lane waits for another ten; two would be there for the other one.
        let later = now + .milliseconds(40)
        _ = fill(late, 2)
        #expect(board.work(now: later).jobs.isEmpty)
        let then = now + .milliseconds(200)
        #expect(board.work(now: then).jobs.map(\.lane) == [first])
    }

    @Test mutating func `a 429 stops every lane of the project, and a newcomer with them`() throws {
        board.serve()
        let lanes = [openShared("a"), openShared("b")]
        for lane in lanes { _ = fill(lane, 1) }
        let jobs = board.work(now: now).jobs
        _ = board.ended(try #require(jobs.first), outcomes: [.quota(.seconds(60))], now: now)
        let newcomer = openShared("c")
        for lane in lanes + [newcomer] {
            #expect(board.reserve(1, in: lane, now: now + .seconds(1)) == 0)
            #expect(board.state(of: board.key(of: lane), now: now)?.condition == .throttled(until: now + .seconds(60)))
        }
        let state = board.state(of: board.key(of: newcomer), now: now)?.quota
        #expect(state?.reason == "TooManyRequests" && state?.rate == 50 && state?.lanes == 3)
        #expect(board.state(of: LaneKey(orgID: "other", provider: .expo, credential: "main"), now: now) == nil)
    }

    @Test mutating func `of two projects in one lane, the one that has to pause does not stop the other`() throws {
        board.serve()
        let lane = openShared("a")
        func hand(_ project: String) {
            #expect(board.reserve(1, in: lane, now: now) == 1)
            let message = message(project, lane: board.key(of: lane))
            var content = message.content
            content.collapseID = project
            board.hand(OutboundMessage(delivery: message.delivery, content: content), to: lane)
        }
        // Groups are asked for where requests carry several messages.
        board.credentialChanged(board.key(of: lane), provider: Shared(batchLimit: 2), now: now)
        hand("@o/slow")
        let job = try #require(board.work(now: now).jobs.first)
        _ = board.ended(job, outcomes: [.quota(.seconds(60))], now: now)
        for project in ["@o/slow", "@o/fast", "@o/slow"] { hand(project) }
        let work = board.work(now: now)
        #expect(work.jobs.map { $0.batch.claims.map(\.group) } == [["@o/fast"]])
        #expect(work.evicted.map(\.cause) == Array(repeating: .quota(.init(until: now + .seconds(60), reason: "TooManyRequests")), count: 2))
    }

    // MARK: Devices

    @Test mutating func `a device that is to be left alone is so in all lanes, and nobody else is`() throws {
        board.serve()
        let lanes = [open("a"), open("b")]
        let tooMany = Outcome(
            verdict: .deferred(Wait(retryAfter: .seconds(30), scope: .target)), rule: "test.429", status: 429, reason: "TooManyRequests")
        _ = fill(lanes[0], 1)
        let job = try #require(board.work(now: now).jobs.first)
        #expect(board.ended(job, outcomes: [tooMany], now: now) == [tooMany])
        // "0" is the first one's device, "1" another.
        _ = fill(lanes[1], 2)
        let work = board.work(now: now)
        #expect(work.jobs.map { $0.batch.claims[0].delivery.target.address } == ["1"])
        #expect(work.evicted.map(\.cause) == [.target(.init(until: now + .seconds(30), reason: "TooManyRequests"))])
        #expect(board.state(of: board.key(of: lanes[0]), now: now)?.condition == .open)
        _ = fill(lanes[1], 1)
        #expect(board.work(now: now + .seconds(30)).jobs.count == 1)
    }

    // MARK: Receipts

    @Test mutating func `receipts that call nearly all tokens dead stop the lane until one shows a live one`() throws {
        board.serve()
        let lane = openShared("a")
        func receipts(_ outcomes: [Outcome], at time: Timestamp) -> [Outcome] {
            board.receipts(outcomes, of: { message("\($0)", lane: .expo).delivery }, in: lane, now: time)
        }
        #expect(receipts(Array(repeating: .suspect, count: 19), at: now).allSatisfy { $0 == .suspect })
        #expect(receipts([.suspect], at: now)[0].verdict == .credentialRefused)
        let trip = try #require(board.takeTrips().first)
        #expect(trip.deaths.count == 19 && board.takeTrips().isEmpty)
        board.revived(19, in: board.key(of: lane))
        board.credentialRefused(lane, reason: "DeviceNotRegistered", now: now)
        let state = board.state(of: board.key(of: lane), now: now)
        #expect(state?.guardRail?.revived == 19 && state?.alarm?.message.contains("19 of") == false)
        // The probe gets its ticket, which shows nothing.
        let later = now + .seconds(30)
        _ = board.reserve(1, in: lane, now: later)
        board.hand(message("probe", lane: .expo), to: lane)
        let probe = try #require(board.work(now: later).jobs.first)
        #expect(probe.batch.isProbe)
        _ = board.ended(probe, outcomes: [.ticket], now: later)
        #expect(board.state(of: board.key(of: lane), now: later)?.alarm != nil)
        // Its receipt does.
        _ = receipts([.accepted], at: later)
        #expect(board.state(of: board.key(of: lane), now: later)?.guardRail == nil)
        _ = board.reserve(1, in: lane, now: later)
        board.hand(message("next", lane: .expo), to: lane)
        let next = try #require(board.work(now: later).jobs.first)
        _ = board.ended(next, outcomes: [.ticket], now: later)
        #expect(board.state(of: board.key(of: lane), now: later)?.condition == .open)
    }
}
