import Synchronization

/// The scripts in force, and how often each has been met.
final class ScriptBook: Sendable {
    struct Entry: Sendable {
        var id: Int
        var script: Script
        var met = 0
        var applied = 0

        var isSpent: Bool {
            if let nth = script.nth { return met >= nth }
            return script.times.map { applied >= $0 } ?? false
        }
    }

    private struct State {
        var entries: [Entry] = []
        var nextID = 1
        var magicUses: [String: Int] = [:]
        var chaos: Chaos?
        var attempts: [String: UInt64] = [:]
    }

    private let state = Mutex(State())

    func add(_ script: Script) -> Int {
        state.withLock { state in
            let id = state.nextID
            state.nextID += 1
            state.entries.append(Entry(id: id, script: script))
            return id
        }
    }

    var entries: [Entry] { state.withLock { $0.entries } }

    func remove(id: Int) -> Bool {
        state.withLock { state in
            let before = state.entries.count
            state.entries.removeAll { $0.id == id }
            return state.entries.count < before
        }
    }

    func removeAll() {
        state.withLock {
            $0.entries = []
            $0.magicUses = [:]
            $0.chaos = nil
            $0.attempts = [:]
        }
    }

    /// Puts chaos in force from its first draw on; nil ends it.
    func setChaos(_ chaos: Chaos?) {
        state.withLock {
            $0.chaos = chaos
            $0.attempts = [:]
        }
    }

    var chaos: Chaos? { state.withLock { $0.chaos } }

    /// The answer to give to this request. The oldest script that applies wins; a target's own magic words come after all scripts, and chaos
    /// comes last.
    func answer(
        _ provider: ProviderName, target: String, stage: Script.Stage, sender: Account? = nil, magic: @autoclosure () -> MagicWords? = nil
    ) -> ScriptedAnswer? {
        let scripted: ScriptedAnswer? = state.withLock { state in
            for index in state.entries.indices where state.entries[index].script.fits(provider, target: target, stage: stage, sender: sender) {
                guard !state.entries[index].isSpent else { continue }
                state.entries[index].met += 1
                if let nth = state.entries[index].script.nth, nth != state.entries[index].met { continue }
                state.entries[index].applied += 1
                return state.entries[index].script.answer
            }
            return nil
        }
        if let scripted { return scripted }
        if let words = magic(), words.stage == stage {
            return applies(words, key: "\(provider.rawValue) \(target)") ? words.answer : nil
        }
        return state.withLock { Self.chaos(&$0, provider, target: target, stage: stage, sender: sender) }
    }

    private static func chaos(
        _ state: inout State, _ provider: ProviderName, target: String, stage: Script.Stage, sender: Account?
    ) -> ScriptedAnswer? {
        guard let chaos = state.chaos else { return nil }
        let key = "\(provider.rawValue) \(stage.rawValue) \(target)"
        // Bounded by what one test sends; beyond it the draws begin again.
        if state.attempts.count >= 100_000 { state.attempts = [:] }
        let attempt = state.attempts[key, default: 0]
        state.attempts[key] = attempt + 1
        return chaos.answer(provider, target: target, stage: stage, sender: sender, draw: chaos.draw(key, attempt: attempt))
    }

    private func applies(_ words: MagicWords, key: String) -> Bool {
        guard let times = words.times else { return true }
        return state.withLock { state in
            // Bounded by what a person would write down; forgetting restarts the count.
            if state.magicUses.count > 10_000 { state.magicUses = [:] }
            let used = state.magicUses[key, default: 0]
            state.magicUses[key] = used + 1
            return used < times
        }
    }
}
