import Testing

@testable import Transport

struct SMTPPoolTests {
    private let a = relay("a", 2)
    private let b = relay("b", 2)

    private static func relay(_ host: String, _ connections: Int) -> SMTPRelay {
        SMTPRelay(host: host, port: 25, security: .none, maxConnections: connections)
    }

    @Test func `threads are started on demand, up to the relay's connections`() {
        var pool = SMTPPool(maxThreads: 10, maxQueued: 10)
        #expect(pool.submit(1, for: a) == .new(1))
        #expect(pool.submit(2, for: a) == .new(2))
        #expect(pool.submit(3, for: a) == .queued)
        #expect(pool.submit(4, for: b) == .new(3))
        #expect(pool.next(after: 1)?.job == 3)
        #expect(pool.next(after: 2) == nil)
        #expect(pool.submit(5, for: a) == .idle(2))
    }

    @Test func `the thread that was used last is taken first, so that few connections stay warm`() {
        var pool = SMTPPool(maxThreads: 10, maxQueued: 10)
        _ = pool.submit(1, for: a)
        _ = pool.submit(2, for: a)
        _ = pool.next(after: 2)
        _ = pool.next(after: 1)
        #expect(pool.submit(3, for: a) == .idle(1))
    }

    @Test func `another relay's idle thread is taken over when no more may be started`() {
        var pool = SMTPPool(maxThreads: 1, maxQueued: 10)
        #expect(pool.submit(1, for: a) == .new(1))
        #expect(pool.submit(2, for: b) == .queued)
        let next = pool.next(after: 1)
        #expect(next?.job == 2)
        #expect(next?.relay == b)
        #expect(pool.next(after: 1) == nil)
        #expect(pool.submit(3, for: a) == .idle(1))
    }

    @Test(arguments: [1, 2, 3, 5, 8])
    func `a relay with a flood of mail leaves others their share`(threads: Int) {
        var pool = SMTPPool(maxThreads: threads, maxQueued: 10_000)
        let flood = Self.relay("flood", 100)
        var running: [Int] = []
        for job in 0..<1_000 { if case .new(let worker) = pool.submit(job, for: flood) { running.append(worker) } }
        #expect(running.count == threads)
        // Two more relays with one mail each have their turn within two rounds of all threads.
        _ = pool.submit(2_000, for: a)
        _ = pool.submit(2_001, for: b)
        var served: [Int] = []
        for _ in 0..<2 { for worker in running { if let next = pool.next(after: worker) { served.append(next.job) } } }
        #expect(served.contains(2_000))
        if threads > 1 { #expect(served.contains(2_001)) }
    }

    @Test func `every mail is served once, and the limits hold, whatever the order of things`() {
        for seed in UInt64(0)..<50 {
            var random = Generator(state: seed &* 0x9E37_79B9_7F4A_7C15 | 1)
            let relays = [Self.relay("a", 1), Self.relay("b", 3), Self.relay("c", 50)]
            var pool = SMTPPool(maxThreads: 6, maxQueued: 40)
            var busy: [Int: SMTPRelay] = [:]
            var waiting: [Int: SMTPRelay] = [:]
            var done: Set<Int> = []
            var turnedAway = 0
            for job in 0..<600 {
                let relay = relays[Int.random(in: 0..<3, using: &random)]
                switch pool.submit(job, for: relay) {
                case .idle(let worker), .new(let worker):
                    #expect(busy[worker] == nil)
                    busy[worker] = relay
                    #expect(done.insert(job).inserted == true)
                case .queued: waiting[job] = relay
                case .full: turnedAway += 1
                }
                #expect(pool.threadCount <= 6)
                #expect(pool.queuedCount == waiting.count)
                for relay in relays { #expect(busy.values.count { $0 == relay } <= relay.maxConnections) }
                if let withdrawn = waiting.keys.sorted().first, Int.random(in: 0..<20, using: &random) == 0 {
                    #expect(pool.withdraw(withdrawn, for: waiting[withdrawn] ?? relay) == true)
                    #expect(pool.withdraw(withdrawn, for: waiting[withdrawn] ?? relay) == false)
                    waiting[withdrawn] = nil
                    done.insert(withdrawn)
                }
                for worker in busy.keys.sorted() where Int.random(in: 0..<3, using: &random) == 0 { finish(worker, &pool, &busy, &waiting, &done) }
            }
            while let worker = busy.keys.sorted().first { finish(worker, &pool, &busy, &waiting, &done) }
            #expect(waiting.isEmpty)
            #expect(done.count + turnedAway == 600)
            for worker in pool.idleWorkers { #expect(pool.retire(worker) == true) }
            #expect(pool.threadCount == 0)
        }
    }

    @Test func `a busy thread is not retired`() {
        var pool = SMTPPool(maxThreads: 1, maxQueued: 1)
        _ = pool.submit(1, for: a)
        #expect(pool.retire(1) == false)
        #expect(pool.submit(2, for: a) == .queued)
        #expect(pool.submit(3, for: a) == .full)
        #expect(pool.withdrawAll() == [2])
        #expect(pool.next(after: 1) == nil)
        #expect(pool.retire(1) == true)
    }

    private func finish(
        _ worker: Int, _ pool: inout SMTPPool, _ busy: inout [Int: SMTPRelay], _ waiting: inout [Int: SMTPRelay], _ done: inout Set<Int>
    ) {
        guard let next = pool.next(after: worker) else {
            busy[worker] = nil
            return
        }
        #expect(waiting.removeValue(forKey: next.job) == next.relay)
        #expect(done.insert(next.job).inserted == true)
        busy[worker] = next.relay
    }

    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
    }
}
