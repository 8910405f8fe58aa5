import Domain
import Logging
import Providers
import Synchronization
import Vault

/// Each lane's provider, made at first use and kept while the lane's credential stays the same; while a rotation lasts it stands on both versions.
///
/// A version's own provider outlives changes around it: what it has learnt of its provider is not lost when a rotation begins or ends.
final class LaneProviders: ProviderDirectory {
    private struct Entry {
        /// Nil where the lane is declared and its credential can't be used.
        var versions: CredentialBook.Versions?
        var provider: any Provider
        /// The providers of the versions, by credential.
        var parts: [Credential: any Provider] = [:]
        var pair: VersionPair?

        /// What of this entry the next one does not go on using.
        func retired(by new: Entry?) -> [any Provider] {
            parts.filter { new?.parts[$0.key] == nil }.map(\.value)
        }
    }

    private struct State {
        var entries: [LaneKey: Entry] = [:]
        /// Lanes with two versions; few, so that alarms are looked for among them alone.
        var pairs: [LaneKey: VersionPair] = [:]
        /// Providers whose credential changed between two questions; closed with the next ones that are dropped.
        var replaced: [any Provider] = []
    }

    private let credentials: any CredentialSource
    private let make: @Sendable (Credential) throws -> any Provider
    private let probe: Duration
    private let time: any TimeSource
    private let logger: Logger
    private let state = Mutex(State())

    init(
        credentials: any CredentialSource, probe: Duration = .seconds(30), time: any TimeSource, logger: Logger,
        make: @Sendable @escaping (Credential) throws -> any Provider
    ) {
        self.credentials = credentials
        self.make = make
        self.probe = probe
        self.time = time
        self.logger = logger
    }

    func provider(for lane: LaneKey) -> (any Provider)? {
        let versions = credentials.versions(of: lane)
        let (provider, ended) = state.withLock { state -> ((any Provider)?, CredentialAlarm?) in
            if let entry = state.entries[lane], versions != nil, entry.versions == versions { return (entry.provider, nil) }
            let old = state.entries.removeValue(forKey: lane)
            let new = entry(lane, versions, reusing: old?.parts ?? [:])
            state.entries[lane] = new
            state.pairs[lane] = new?.pair
            if let old { state.replaced += old.retired(by: new) }
            return (new?.provider, old?.pair?.fallback)
        }
        // Whatever becomes of the new version, it is not that fallback any more.
        if let ended { log(.ended(ended)) }
        return provider
    }

    /// Looks at these lanes anew, and gives the providers that are not used any more, for the caller to close once the engine uses the new ones.
    ///
    /// What they have under way ends by itself: closing a provider ends idle connections only.
    func drop(_ lanes: Set<LaneKey>) -> [any Provider] {
        for lane in lanes.intersection(state.withLock { Set($0.entries.keys) }) { _ = provider(for: lane) }
        return state.withLock { state in
            defer { state.replaced = [] }
            return state.replaced
        }
    }

    func close() async {
        let all = state.withLock { state in
            defer { state = State() }
            return state.replaced + state.entries.values.map(\.provider)
        }
        for provider in all { await provider.close() }
    }

    /// The fallbacks that last now, sorted by lane.
    func alarms(now: Timestamp) -> [CredentialAlarm] {
        state.withLock { $0.pairs.values.map(\.self) }.compactMap(\.fallback).sorted { $0.lane < $1.lane }
    }

    /// The fallback of that lane, where one lasts now.
    func fallback(of lane: LaneKey) -> CredentialAlarm? {
        state.withLock { $0.pairs[lane] }?.fallback
    }

    // MARK: Making

    private func entry(_ lane: LaneKey, _ versions: CredentialBook.Versions?, reusing parts: [Credential: any Provider]) -> Entry? {
        guard let versions else {
            return credentials.fault(of: lane).map { Entry(versions: nil, provider: RefusingProvider(name: lane.provider, fault: $0)) }
        }
        func part(_ credential: Credential) -> any Provider { parts[credential] ?? makeProvider(lane, credential) }
        let current = part(versions.current)
        guard let credential = versions.previous, credential != versions.current else {
            return Entry(versions: versions, provider: current, parts: [versions.current: current])
        }
        let previous = part(credential)
        let pair = VersionPair(lane: lane, current: current, previous: previous, probe: probe, time: time) { [weak self] in self?.log($0) }
        return Entry(
            versions: versions, provider: pair.provider, parts: [versions.current: current, credential: previous], pair: pair)
    }

    private func makeProvider(_ lane: LaneKey, _ credential: Credential) -> any Provider {
        do {
            return try make(credential)
        } catch {
            logger.warning("credential can't be used", metadata: ["lane": "\(lane)", "fault": "\(error)"])
            return RefusingProvider(name: lane.provider, fault: "\(error)")
        }
    }

    /// One line when a fallback begins, one when it ends.
    private func log(_ change: VersionPair.Change) {
        switch change {
        case .began(let alarm):
            logger.error(
                "credential has fallen back", metadata: ["lane": "\(alarm.lane)", "alarm": "\(alarm.kind.rawValue)", "fault": "\(alarm.message)"])
        case .ended(let alarm):
            logger.notice(
                "credential is no longer fallen back",
                metadata: ["lane": "\(alarm.lane)", "seconds": "\(alarm.since.map { (time.now - $0).components.seconds } ?? 0)"])
        }
    }
}
