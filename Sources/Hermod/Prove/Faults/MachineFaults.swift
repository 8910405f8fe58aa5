import Dispatch
import Domain
import SQLiteStorage
import Storage

/// No file of the gateway's may grow any more, which is what a full disk is to it. Works without root, and touches no real disk.
struct DiskFull: InjectedFault {
    private let room: Int
    private var limit = ProcessLimit.fileSize

    init(_ random: inout SeededRandom) {
        room = Int.random(in: 64...1_024, using: &random) << 10
    }

    mutating func begin(_ stage: ProveStage) async throws { try limit.lower(to: UInt(room), of: stage.gateway) }
    mutating func end(_ stage: ProveStage) async throws { try limit.restore(of: stage.gateway) }
}

/// Another process holds the database's write lock, as a shell with an open transaction would.
struct LockedDatabase: InjectedFault {
    private let more: Duration
    private var release: (@Sendable () async -> Void)?

    init(_ random: inout SeededRandom) {
        // Now and then longer than the gateway waits for the lock.
        more = random.isOneIn(3) ? .seconds(5) : .zero
    }

    mutating func begin(_ stage: ProveStage) async throws {
        let database = try SQLiteDatabase(path: stage.setting.database, tenure: .beside, busyTimeout: .seconds(30))
        let (held, holding) = AsyncStream.makeStream(of: Void.self)
        let key = DispatchSemaphore(value: 0)
        let holder = Task {
            try await database.write { _ in
                holding.yield()
                // GRDB's own thread waits, none of the pool's.
                key.wait()
            }
        }
        var waiting = held.makeAsyncIterator()
        _ = await waiting.next()
        release = {
            key.signal()
            _ = await holder.result
            await database.close()
        }
        try await Task.sleep(for: more)
    }

    mutating func end(_ stage: ProveStage) async throws { await release?() }
}

/// The machine's clock jumps two hours ahead or back, and is set right later.
struct ClockJump: InjectedFault {
    private let jump: Duration

    init(_ random: inout SeededRandom) {
        jump = .seconds((Bool.random(using: &random) ? 1 : -1) * 2 * 3_600)
    }

    func begin(_ stage: ProveStage) async throws { stage.clock.setJump(jump) }
    func end(_ stage: ProveStage) async throws { stage.clock.setJump(.zero) }
}

/// The clock is set two hours ahead or back while the gateway is down, so that it has to learn of that from what it left behind; and is set right while it runs, or
/// while it is down once more.
struct ClockSetWhileDown: InjectedFault {
    private let jump: Duration
    private let isKilled: Bool
    private let isDownAgain: Bool

    init(_ random: inout SeededRandom) {
        jump = .seconds((Bool.random(using: &random) ? 1 : -1) * 2 * 3_600)
        isKilled = Bool.random(using: &random)
        isDownAgain = Bool.random(using: &random)
    }

    func begin(_ stage: ProveStage) async throws { try await restart(stage) { stage.clock.setJump(jump) } }

    func end(_ stage: ProveStage) async throws {
        if isDownAgain { try await restart(stage) { stage.clock.setJump(.zero) } } else { stage.clock.setJump(.zero) }
    }

    private func restart(_ stage: ProveStage, meanwhile: () -> Void) async throws {
        if isKilled { try await stage.gateway.kill() } else { try await stage.gateway.terminate() }
        meanwhile()
        try await stage.gateway.start()
    }
}
