import Domain
import Logging
import Providers
import Synchronization
import Vault

/// Each lane's provider, made at first use and kept while the lane's credential stays the same.
final class LaneProviders: ProviderDirectory {
    private struct Entry {
        /// Nil where the org file declares the lane and its credential is faulty.
        var credential: Credential?
        var provider: any Provider
    }

    private struct State {
        var entries: [LaneKey: Entry] = [:]
        /// Providers whose credential changed between two questions; closed with the next ones that are dropped.
        var replaced: [any Provider] = []
    }

    private let orgs: OrgFiles
    private let make: @Sendable (Credential) throws -> any Provider
    private let logger: Logger
    private let state = Mutex(State())

    init(orgs: OrgFiles, logger: Logger, make: @Sendable @escaping (Credential) throws -> any Provider) {
        self.orgs = orgs
        self.make = make
        self.logger = logger
    }

    func provider(for lane: LaneKey) -> (any Provider)? {
        let credential = orgs.credential(for: lane)
        return state.withLock { state in
            if let entry = state.entries[lane], entry.credential == credential, credential != nil { return entry.provider }
            if let old = state.entries.removeValue(forKey: lane) { state.replaced.append(old.provider) }
            guard let provider = makeProvider(lane, credential) else { return nil }
            state.entries[lane] = Entry(credential: credential, provider: provider)
            return provider
        }
    }

    /// Forgets the providers of lanes whose credentials have changed; the caller closes them, so that their connections and tokens go too.
    func drop(_ lanes: Set<LaneKey>) -> [any Provider] {
        state.withLock { state in
            defer { state.replaced = [] }
            return state.replaced + lanes.compactMap { state.entries.removeValue(forKey: $0)?.provider }
        }
    }

    func close() async {
        let all = state.withLock { state in
            defer { state = State() }
            return state.replaced + state.entries.values.map(\.provider)
        }
        for provider in all { await provider.close() }
    }

    private func makeProvider(_ lane: LaneKey, _ credential: Credential?) -> (any Provider)? {
        guard let credential else {
            return orgs.fault(of: lane).map { RefusingProvider(name: lane.provider, fault: "\($0)") }
        }
        do {
            return try make(credential)
        } catch {
            logger.warning("credential can't be used", metadata: ["lane": "\(lane)", "fault": "\(error)"])
            return RefusingProvider(name: lane.provider, fault: "\(error)")
        }
    }
}
