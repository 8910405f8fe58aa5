import Domain
import Synchronization
import Testing

@testable import Providers

struct VersionPairTests {
    private let time = ManualTime()
    private let lane = LaneKey(orgID: "org", provider: .expo, credential: "main")
    private var deadline: Timestamp { Fixture.now + .seconds(30) }

    /// Answers the same to everything until it is told otherwise, and notes what it was asked.
    private final class Version: ReceiptProvider {
        let name = ProviderName.expo
        let batchLimit = 100
        let window: Int
        let receiptLimit = 300
        private let state: Mutex<(outcome: Outcome, sent: [[String]], asked: [[String]], closed: Int)>

        init(_ outcome: Outcome, window: Int = 6) {
            state = Mutex((outcome, [], [], 0))
            self.window = window
        }

        var sent: [[String]] { state.withLock { $0.sent } }
        var asked: [[String]] { state.withLock { $0.asked } }
        var closed: Int { state.withLock { $0.closed } }
        func answer(_ outcome: Outcome) { state.withLock { $0.outcome = outcome } }

        func send(_ messages: [OutboundMessage], deadline: Timestamp) async -> [Outcome] {
            state.withLock { state in
                state.sent.append(messages.map(\.delivery.target.address))
                return messages.map { _ in state.outcome }
            }
        }

        func receipts(for tickets: [String], deadline: Timestamp) async -> ReceiptAnswer {
            state.withLock { state in
                state.asked.append(tickets)
                return state.outcome.verdict == .credentialRefused ? .failed(state.outcome) : .answered([tickets[0]: state.outcome])
            }
        }

        func close() async { state.withLock { $0.closed += 1 } }
    }

    private static let ok = Outcome(verdict: .accepted, rule: "test.200", status: 200)
    private static let refused = Outcome(verdict: .credentialRefused, rule: "test.403", status: 403, reason: "UNAUTHORIZED")
    private static let suspect = Outcome(verdict: .rejected, rule: "test.400", status: 400, reason: "x", suspectsCredential: true)

    private func pair(_ current: Version, _ previous: Version, _ changes: Changes = Changes()) -> VersionPair {
        VersionPair(lane: lane, current: current, previous: previous, time: time) { changes.note($0) }
    }

    private final class Changes: Sendable {
        private let noted = Mutex<[VersionPair.Change]>([])
        func note(_ change: VersionPair.Change) { noted.withLock { $0.append(change) } }
        var all: [VersionPair.Change] { noted.withLock(\.self) }
    }

    private func messages(_ count: Int) -> [OutboundMessage] {
        (0..<count).map { Fixture.message(to: "t\($0)", serial: UInt64($0), Content(title: "Hi")) }
    }

    @Test func `one call is one attempt, and the refusal asks for the next one with its own rule and words`() async throws {
        let (current, previous) = (Version(Self.refused), Version(Self.ok))
        let changes = Changes()
        let pair = pair(current, previous, changes)
        let first = await pair.provider.send(messages(3), deadline: deadline)
        #expect(first.map(\.verdict) == Array(repeating: .refreshed(afterwards: .otherVersion), count: 3))
        #expect(first.allSatisfy { $0.rule == "test.403" && $0.reason == "UNAUTHORIZED" && $0.status == 403 })
        #expect(current.sent.count == 1 && previous.sent.isEmpty)
        #expect(await pair.provider.send(messages(3), deadline: deadline) == Array(repeating: Self.ok, count: 3))
        #expect(current.sent.count == 1 && previous.sent == [["t0", "t1", "t2"]])

        let alarm = try #require(pair.fallback)
        #expect(alarm.lane == lane && alarm.kind == .fallback && alarm.since == Fixture.now)
        #expect(alarm.message.contains("UNAUTHORIZED") && alarm.message.contains("version before it"))
        #expect(changes.all == [.began(alarm)])

        current.answer(Self.ok)
        time.advance(.seconds(30))
        #expect(await pair.provider.send(messages(1), deadline: deadline) == [Self.ok])
        #expect(pair.fallback == nil)
        #expect(changes.all == [.began(alarm), .ended(alarm)])
    }

    @Test func `in a call with second opinions each message is sent once, and its own outcome is in its place`() async {
        let (current, previous) = (Version(Self.suspect), Version(Self.ok))
        let pair = pair(current, previous)
        let all = messages(4)
        _ = await pair.provider.send([all[1], all[3]], deadline: deadline)
        current.answer(Outcome(verdict: .deferred(Wait()), rule: "test.429", status: 429))
        let outcomes = await pair.provider.send(all, deadline: deadline)
        #expect(outcomes.map(\.rule) == ["test.429", "test.200", "test.429", "test.200"])
        #expect(current.sent == [["t1", "t3"], ["t0", "t2"]] && previous.sent == [["t1", "t3"]])
    }

    @Test func `receipts are asked for with whichever version works`() async throws {
        let (current, previous) = (Version(Self.refused), Version(Self.ok))
        let pair = pair(current, previous)
        let provider = try #require(pair.provider as? any ReceiptProvider)
        guard case .answered(let first) = await provider.receipts(for: ["a"], deadline: deadline) else {
            Issue.record("not answered")
            return
        }
        #expect(first == ["a": Self.ok])
        #expect(pair.fallback != nil)
        _ = await provider.receipts(for: ["b"], deadline: deadline)
        #expect(current.asked == [["a"]] && previous.asked == [["a"], ["b"]])
        previous.answer(Self.refused)
        guard case .failed(let outcome) = await provider.receipts(for: ["c"], deadline: deadline) else {
            Issue.record("not refused")
            return
        }
        #expect(outcome == Self.refused)
        #expect(current.asked.count == 1)
    }

    @Test func `it is as wide as the wider version, and closes both`() async {
        let (current, previous) = (Version(Self.ok, window: 1), Version(Self.ok, window: 6))
        let provider = pair(current, previous).provider
        #expect(provider.window == 6 && provider.batchLimit == 100 && provider.name == .expo)
        await provider.close()
        #expect(current.closed == 1 && previous.closed == 1)
    }
}
