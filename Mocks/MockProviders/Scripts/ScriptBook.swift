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
        }
    }

    /// The answer to give to this request. The oldest script that applies wins; a target's own magic words come after all scripts.
    func answer(_ provider: ProviderName, target: String, stage: Script.Stage, magic: @autoclosure () -> MagicWords? = nil) -> ScriptedAnswer? {
        let scripted: ScriptedAnswer? = state.withLock { state in
            for index in state.entries.indices where state.entries[index].script.fits(provider, target: target, stage: stage) {
                guard !state.entries[index].isSpent else { continue }
                state.entries[index].met += 1
                if let nth = state.entries[index].script.nth, nth != state.entries[index].met { continue }
                state.entries[index].applied += 1
                return state.entries[index].script.answer
            }
            return nil
        }
        if let scripted { return scripted }
        guard let words = magic(), words.stage == stage else { return nil }
        return applies(words, key: "\(provider.rawValue) \(target)") ? words.answer : nil
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
