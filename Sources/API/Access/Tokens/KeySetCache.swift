import Domain
import Logging
import Synchronization

/// The key set of a source, kept and renewed: one reading at a time, however many tokens wait for it.
final class KeySetCache: Sendable {
    private struct State {
        var schedule: KeySetSchedule
        var keys: KeySet?
        /// What `keys` were read from; the same bytes again are not read again.
        var bytes: [UInt8] = []
        /// What was wrong with single keys in them.
        var flaws: [String] = []
        /// What is wrong at the moment: these, or that nothing new could be read.
        var faults: [String] = []
        var reading: Task<Void, Never>?
    }

    private let source: any KeySetSource
    private let time: any TimeSource
    private let logger: Logger
    private let state: Mutex<State>

    init(_ source: any KeySetSource, time: any TimeSource, logger: Logger) {
        self.source = source
        self.time = time
        self.logger = logger
        state = Mutex(State(schedule: KeySetSchedule(pace: source.pace)))
    }

    /// What is wrong with the source, as far as is known.
    var faults: [String] { state.withLock { $0.faults } }

    /// The same, and begins to read where that is due.
    func look() -> [String] {
        let now = time.now
        return state.withLock { state in
            switch state.schedule.step(now: now) {
            case .use, .unavailable: break
            case .useAndRead, .wait: state.reading = state.reading ?? begin()
            }
            return state.faults
        }
    }

    /// The keys as they are best known; nil while none could be read at all.
    ///
    /// - Parameter isMissed: the keys given before lack one that a token names.
    func keys(isMissed: Bool = false) async -> KeySet? {
        let now = time.now
        let (keys, reading) = state.withLock { state -> (KeySet?, Task<Void, Never>?) in
            switch state.schedule.step(now: now, isMissed: isMissed) {
            case .use, .unavailable: return (state.keys, nil)
            case .useAndRead:
                state.reading = state.reading ?? begin()
                return (state.keys, nil)
            case .wait:
                let task = state.reading ?? begin()
                state.reading = task
                return (nil, task)
            }
        }
        guard let reading else { return keys }
        await reading.value
        return state.withLock { $0.keys }
    }

    /// Unstructured, because the reading belongs to all who wait for it: the one who began it may hang up, the others must not be left without keys.
    private func begin() -> Task<Void, Never> {
        Task {
            do throws(KeySetFault) {
                let bytes = try await source.read()
                let known = state.withLock { $0.keys != nil && $0.bytes == bytes }
                if known {
                    end { $0.faults = $0.flaws }
                } else {
                    let (keys, faults) = try await KeySet.read(bytes)
                    end { state in
                        state.keys = keys
                        state.bytes = bytes
                        state.flaws = faults.map { "\(self.source.place): \($0)" }
                        state.faults = state.flaws
                    }
                }
            } catch {
                end(isRead: false) { state in
                    let kept = state.keys == nil ? "" : "; the keys read before are kept"
                    state.faults = ["\(self.source.place): \(error)\(kept)"]
                }
            }
        }
    }

    private func end(isRead: Bool = true, _ change: (inout State) -> Void) {
        let now = time.now
        let (old, new) = state.withLock { state in
            let old = state.faults
            change(&state)
            state.schedule.ended(isRead: isRead, now: now)
            state.reading = nil
            return (old, state.faults)
        }
        guard old != new else { return }
        for fault in new { logger.warning("key set is faulty", metadata: ["fault": .string(fault)]) }
        if new.isEmpty { logger.notice("key set is in order again", metadata: ["place": .string(source.place)]) }
    }
}
