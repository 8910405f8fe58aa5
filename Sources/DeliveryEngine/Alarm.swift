internal import Domain
internal import Synchronization

/// One timer for many times: sleeps until the earliest, and costs nothing while none is set.
final class Alarm: Sendable {
    private let earliest = Mutex<Timestamp?>(nil)
    private let changed = Signal()
    private let time: any TimeSource

    init(time: any TimeSource) {
        self.time = time
    }

    /// Asks to ring then, or earlier where somebody has asked for that.
    func set(_ moment: Timestamp) {
        let isEarlier = earliest.withLock { earliest in
            if let set = earliest, set <= moment { return false }
            earliest = moment
            return true
        }
        if isEarlier { changed.raise() }
    }

    func stop() {
        changed.close()
    }

    /// Rings at the times that are set, until `stop` or cancellation.
    func run(_ ring: () async -> Void) async {
        while !changed.isClosed, !Task.isCancelled {
            guard let moment = earliest.withLock(\.self) else {
                await changed.wait()
                continue
            }
            if moment > time.now {
                await sleep(until: moment)
                continue
            }
            earliest.withLock { $0 = nil }
            await ring()
        }
    }

    /// Sleeps until that moment, or until an earlier one is set.
    private func sleep(until moment: Timestamp) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [time] in try? await time.sleep(until: moment) }
            group.addTask { [changed] in await changed.wait() }
            await group.next()
            group.cancelAll()
        }
    }
}
