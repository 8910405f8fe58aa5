import Glibc
import Synchronization

/// How far a run is, on standard error: one line that is written over on a terminal, else a line now and then.
final class ProveProgress: Sendable {
    private struct State {
        var phase = "starting"
        var episodes = 0
        var told = ContinuousClock.now - .seconds(60)
    }

    private let notifications: Int
    private let episodes: Int
    private let isTerminal = isatty(2) == 1
    private let state = Mutex(State())

    init(notifications: Int, episodes: Int) {
        self.notifications = notifications
        self.episodes = episodes
    }

    func now(_ phase: String) {
        state.withLock { state in
            state.phase = phase
            if state.episodes < episodes { state.episodes += 1 }
        }
    }

    func tell(_ tally: Ledger.Tally) {
        let line: String? = state.withLock { state in
            guard isTerminal || ContinuousClock.now - state.told >= .seconds(10) else { return nil }
            state.told = .now
            return
                "\(state.episodes)/\(episodes) \(state.phase): \(ImportProgress.grouped(tally.posted)) of \(ImportProgress.grouped(notifications)) sent, "
                + "\(ImportProgress.grouped(tally.accepted)) accepted, \(ImportProgress.grouped(tally.arrived)) arrived, "
                + "\(ImportProgress.grouped(tally.open)) under way"
        }
        guard let line else { return }
        StandardStream.error.write(Array((isTerminal ? "\r\u{1B}[K\(line)" : "\(line)\n").utf8))
    }

    /// Takes the line away, for the ledger to stand alone.
    func end() {
        if isTerminal { StandardStream.error.write(Array("\r\u{1B}[K".utf8)) }
    }
}
