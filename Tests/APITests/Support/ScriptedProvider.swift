import Domain
import Synchronization

/// A provider that does what a test says for each target, and remembers what it was asked.
final class ScriptedProvider: Provider, ProviderDirectory {
    let name: ProviderName
    let window = 64

    private struct State {
        var outcomes: [String: Outcome] = [:]
        var held: Set<String> = []
        var waiting: [CheckedContinuation<Void, Never>] = []
        var sent: [OutboundMessage] = []
        var isArrived: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    init(_ name: ProviderName = .fcm) {
        self.name = name
    }

    func provider(for lane: LaneKey) -> (any Provider)? { self }

    func quota(of affinity: String) -> Quota { Quota(name: "fcm/shared", ceiling: 10_000, burst: 10_000) }

    /// Everything that was sent so far.
    var sent: [OutboundMessage] { state.withLock { $0.sent } }

    /// From now on the target gets this outcome; all others are accepted.
    func answer(
        _ target: String, _ verdict: Verdict, rule: String = "test.rule", status: Int? = 400, reason: String? = "Scripted", detail: String? = nil,
        suspectsCredential: Bool = false
    ) {
        state.withLock {
            $0.outcomes[target] = Outcome(
                verdict: verdict, rule: rule, status: status, reason: reason, detail: detail, suspectsCredential: suspectsCredential)
        }
    }

    /// Sends to this target hang until `release`.
    func hold(_ target: String) {
        state.withLock { _ = $0.held.insert(target) }
    }

    func release() {
        let waiting = state.withLock { state in
            state.held = []
            defer { state.waiting = [] }
            return state.waiting
        }
        for one in waiting { one.resume() }
    }

    /// Returns when a send hangs.
    func untilHeld() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.waiting.isEmpty { state.isArrived.append(continuation) }
                return !state.waiting.isEmpty
            }
            if isThere { continuation.resume() }
        }
    }

    func send(_ messages: [OutboundMessage], deadline: Timestamp) async -> [Outcome] {
        state.withLock { $0.sent += messages }
        if state.withLock({ state in messages.contains { state.held.contains($0.delivery.target.address) } }) {
            await withCheckedContinuation { continuation in
                let arrived = state.withLock { state in
                    state.waiting.append(continuation)
                    defer { state.isArrived = [] }
                    return state.isArrived
                }
                for one in arrived { one.resume() }
            }
        }
        return state.withLock { state in
            messages.map { message in
                state.outcomes[message.delivery.target.address]
                    ?? Outcome(verdict: .accepted, rule: "test.ok", status: 200, providerMessageID: "id-\(message.delivery.idText)")
            }
        }
    }
}

/// Every org has a credential of every provider, but for those left out. The directory's organisations join those that are declared.
struct TestCredentials: CredentialDirectory {
    private final class Adopted: Sendable {
        let organisations = Mutex<[Organisation]>([])
    }

    let providers: Set<ProviderName>
    let declared: [Organisation]
    private let adopted = Adopted()

    init(
        providers: Set<ProviderName> = Set(ProviderName.allCases),
        organisations: [Organisation] = [Organisation(id: "org_default", name: "Default")]
    ) {
        self.providers = providers
        declared = organisations
    }

    var organisations: [Organisation] {
        let adopted = adopted.organisations.withLock { $0 }
        return adopted + declared.filter { declared in !adopted.contains { $0.id == declared.id } }
    }

    func adopt(_ organisations: [Organisation]) { adopted.organisations.withLock { $0 = organisations } }

    func lane(orgID: String, provider: ProviderName, name: String?, app: String?) -> LaneKey? {
        guard providers.contains(provider), name == nil || name == "main" else { return nil }
        return LaneKey(orgID: orgID, provider: provider, credential: "main")
    }
}
