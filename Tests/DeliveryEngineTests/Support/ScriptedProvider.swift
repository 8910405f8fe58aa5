import DeliveryEngine
import Domain
import Synchronization

/// A provider that answers as the test says and tells what it was asked. What it stands in for is tested elsewhere, on real sockets.
struct ScriptedProvider: ReceiptProvider {
    var name: ProviderName
    var batchLimit = 1
    var window = 4
    var quota = Quota.undocumented(nil)
    let script = Script()

    var receiptLimit: Int { 300 }

    func affinity(of message: OutboundMessage) -> String { message.content.collapseID ?? "" }
    func quota(of affinity: String) -> Quota { quota }

    func send(_ messages: [OutboundMessage], deadline: Timestamp) async -> [Outcome] {
        script.note(messages, deadline)
        if let latch = script.latch(for: messages) {
            await latch.wait()
            if Task.isCancelled {
                return messages.map { _ in Outcome(verdict: .unknown(resend: true), rule: "test.cancelled", reason: "cancelled", blamesProvider: true)
                }
            }
        }
        return messages.map { script.answer(to: $0.delivery.target.address) }
    }

    func receipts(for tickets: [String], deadline: Timestamp) async -> ReceiptAnswer {
        script.receipts(for: tickets)
    }
}

final class Script: Sendable {
    struct Request: Sendable {
        var messages: [OutboundMessage]
        var deadline: Timestamp
        var addresses: [String] { messages.map(\.delivery.target.address) }
    }

    private struct State {
        var answers: [String: [Outcome]] = [:]
        var usual = Outcome.accepted
        var latches: [String: Latch] = [:]
        var receipts: [String: Outcome] = [:]
        var requests: [Request] = []
    }

    private let state = Mutex(State())
    /// Requests as they come in.
    let requests: AsyncStream<Request>
    private let sent: AsyncStream<Request>.Continuation
    /// Tickets that were asked for, question by question.
    let questions: AsyncStream<[String]>
    private let asked: AsyncStream<[String]>.Continuation

    init() {
        (requests, sent) = AsyncStream.makeStream()
        (questions, asked) = AsyncStream.makeStream()
    }

    /// Answers to that address, one after the other; then the usual one.
    func answer(_ address: String, _ outcomes: Outcome...) { state.withLock { $0.answers[address] = outcomes } }
    func answerUsually(_ outcome: Outcome) { state.withLock { $0.usual = outcome } }
    /// Requests with that address wait for the latch.
    func hold(_ address: String) -> Latch {
        let latch = Latch()
        state.withLock { $0.latches[address] = latch }
        return latch
    }
    func receipt(_ ticket: String, _ outcome: Outcome) { state.withLock { $0.receipts[ticket] = outcome } }

    var all: [Request] { state.withLock(\.requests) }

    fileprivate func note(_ messages: [OutboundMessage], _ deadline: Timestamp) {
        let request = Request(messages: messages, deadline: deadline)
        state.withLock { $0.requests.append(request) }
        sent.yield(request)
    }

    fileprivate func latch(for messages: [OutboundMessage]) -> Latch? {
        state.withLock { state in
            for message in messages {
                if let latch = state.latches[message.delivery.target.address] { return latch }
            }
            return nil
        }
    }

    fileprivate func answer(to address: String) -> Outcome {
        state.withLock { state in
            guard var answers = state.answers[address], !answers.isEmpty else { return state.usual }
            let answer = answers.removeFirst()
            state.answers[address] = answers
            return answer
        }
    }

    fileprivate func receipts(for tickets: [String]) -> ReceiptAnswer {
        asked.yield(tickets)
        return .answered(state.withLock { state in state.receipts.filter { tickets.contains($0.key) } })
    }
}

/// Gives each lane its scripted provider.
final class ScriptedDirectory: ProviderDirectory, CredentialDirectory {
    private let providers: Mutex<[LaneKey: ScriptedProvider]>

    init(_ providers: [LaneKey: ScriptedProvider]) {
        self.providers = Mutex(providers)
    }

    func set(_ lane: LaneKey, _ provider: ScriptedProvider?) { providers.withLock { $0[lane] = provider } }

    func provider(for lane: LaneKey) -> (any Provider)? { providers.withLock { $0[lane] } }

    /// Lanes stay known when their provider has gone: the credential was removed after the intake.
    func lane(orgID: String, provider: ProviderName, name: String?, app: String?) -> LaneKey? {
        providers.withLock { $0.keys.sorted().first { $0.orgID == orgID && $0.provider == provider && (name == nil || $0.credential == name) } }
    }

    var organisations: [Organisation] { [] }
}
