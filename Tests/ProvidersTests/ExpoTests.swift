import Domain
import Synchronization
import Testing
import Transport

@testable import Providers

struct ExpoTests {
    private let time = ManualTime()
    private var deadline: Timestamp { Fixture.now + .seconds(30) }
    private static let tokens = (0..<4).map { "ExponentPushToken[xxxxxxxxxxxxxxxxxxxxx\($0)]" }

    private func provider(_ carrier: ScriptedCarrier, accessToken: String? = nil) throws -> any ReceiptProvider {
        let account = ExpoAccount(accessToken: accessToken.map { Secret($0) })
        return try #require(
            try Fixture.factory(carrier, time).make(Credential(orgID: "org", name: "main", account: .expo(account))) as? any ReceiptProvider)
    }

    private func messages(_ tokens: [String] = tokens, _ content: Content = Content(title: "Hi")) -> [OutboundMessage] {
        tokens.enumerated().map { Fixture.message(to: $1, serial: UInt64($0), content) }
    }

    @Test func `a message as Expo reads it`() throws {
        let requests = ExpoRequest(base: "https://exp.host", accessToken: nil)
        func text(_ message: OutboundMessage) throws -> String { String(decoding: try requests.element(message, now: Fixture.now), as: UTF8.self) }
        let full = Content(title: "Hi", body: "there", data: ["a": 1], collapseID: "news")
        #expect(
            try text(Fixture.message(to: Self.tokens[0], expiresIn: .seconds(90), full))
                == #"{"to":"\#(Self.tokens[0])","title":"Hi","body":"there","priority":"high","sound":"default","ttl":90,"collapseId":"news","tag":"news","data":{"a":1}}"#
        )
        #expect(
            try text(Fixture.message(to: Self.tokens[0], Content(data: ["a": 1])))
                == #"{"to":"\#(Self.tokens[0])","priority":"normal","_contentAvailable":true,"data":{"a":1}}"#)
    }

    @Test func `a batch keeps its order, and a message that would spoil it is left out`() async throws {
        let carrier = ScriptedCarrier { request, _ in
            let tickets = (request.json?.array ?? []).map { #"{"status":"ok","id":"ticket for \#($0["to"]?.string ?? "")"}"# }
            return .status(200, #"{"data":[\#(tickets.joined(separator: ","))]}"#)
        }
        var batch = messages()
        var content = batch[1].content
        content.body = String(repeating: "x", count: 4_096)
        batch[1] = OutboundMessage(delivery: batch[1].delivery, content: content)
        let outcomes = try await provider(carrier, accessToken: "geheim").send(batch, deadline: deadline)
        #expect(outcomes.map(\.verdict) == [.awaitingReceipt, .rejected, .awaitingReceipt, .awaitingReceipt])
        #expect(outcomes.map(\.rule)[1] == "expo.local.payload_too_large")
        #expect(outcomes[3].providerMessageID == "ticket for \(Self.tokens[3])")
        let sent = try #require(carrier.sent.first)
        #expect(sent.request.url == "https://exp.host/--/api/v2/push/send")
        #expect(sent.request[header: "authorization"] == "Bearer geheim")
        #expect(!sent.request.gzip)
        #expect(carrier.sent.count == 1)
    }

    @Test func `long bodies are compressed, and nothing is asked when nothing is left to send`() async throws {
        let carrier = ScriptedCarrier { _, _ in .status(500) }
        let expo = try provider(carrier)
        _ = await expo.send(messages(Self.tokens, Content(body: String(repeating: "x", count: 400))), deadline: deadline)
        #expect(carrier.sent.map(\.request.gzip) == [true])
        #expect(carrier.sent[0].request[header: "authorization"] == nil)
        let outcomes = await expo.send(messages(Self.tokens, Content(title: "Hi", collapseID: "\n")), deadline: deadline)
        #expect(outcomes.map(\.rule) == Array(repeating: "expo.local.bad_collapse_id", count: 4))
        #expect(carrier.sent.count == 1)
    }

    @Test func `projects that an answer names are remembered, and keep batches apart from then on`() async throws {
        let details = #"{"@acme/one":["\#(Self.tokens[0])","\#(Self.tokens[2])"],"@acme/two":["\#(Self.tokens[1])"]}"#
        let carrier = ScriptedCarrier { _, _ in
            .status(400, #"{"errors":[{"code":"PUSH_TOO_MANY_EXPERIENCE_IDS","message":"?","details":\#(details)}]}"#)
        }
        let expo = try provider(carrier)
        let batch = messages()
        #expect(batch.map { expo.affinity(of: $0) } == ["", "", "", ""])
        let outcomes = await expo.send(batch, deadline: deadline)
        let rest = "rest/\(batch[3].delivery.idText)"
        #expect(outcomes.map(\.verdict) == ["@acme/one", "@acme/two", "@acme/one", rest].map { .split(label: $0) })
        #expect(batch.map { expo.affinity(of: $0) } == ["@acme/one", "@acme/two", "@acme/one", ""])
        for outcome in outcomes {
            for token in Self.tokens { #expect(outcome.detail?.contains(token) == false) }
        }
    }

    @Test func `halving ends at single messages, and finds the one that spoils`() async throws {
        let carrier = ScriptedCarrier { request, _ in
            if request.text.contains(Self.tokens[2]) { return .status(400, #"{"errors":[{"code":"VALIDATION_ERROR","message":"?"}]}"#) }
            return .status(200, #"{"data":[\#((request.json?.array ?? []).map { _ in #"{"status":"ok","id":"1"}"# }.joined(separator: ","))]}"#)
        }
        let expo = try provider(carrier)
        var waiting = [messages()]
        var final: [String: Verdict] = [:]
        while let batch = waiting.popLast() {
            var groups: [String: [OutboundMessage]] = [:]
            for (message, outcome) in zip(batch, await expo.send(batch, deadline: deadline)) {
                if case .split(let label) = outcome.verdict {
                    groups[label, default: []].append(message)
                } else {
                    final[message.delivery.target.address] = outcome.verdict
                }
            }
            waiting += groups.values
        }
        #expect(
            final == [
                Self.tokens[0]: .awaitingReceipt, Self.tokens[1]: .awaitingReceipt, Self.tokens[2]: .rejected, Self.tokens[3]: .awaitingReceipt,
            ])
        #expect(carrier.sent.count == 5)
    }

    @Test func `receipts are asked for in one request, and a question that failed may be asked again`() async throws {
        let answers = Mutex<[HTTPOutcome]>([
            .status(200, #"{"data":{"a":{"status":"ok"}}}"#), .unknown(TransportFailure(kind: .reset, message: "gone", code: 56)),
        ])
        let carrier = ScriptedCarrier { _, _ in answers.withLock { $0.removeFirst() } }
        let expo = try provider(carrier)
        #expect(await expo.receipts(for: ["a", "b"], deadline: deadline).verdicts == ["a": .accepted])
        #expect(await expo.receipts(for: ["a"], deadline: deadline).verdicts == ["failed": .deferred(Wait())])
        #expect(await expo.receipts(for: [], deadline: deadline).verdicts == [:])
        #expect(carrier.sent.map(\.request.text) == [#"{"ids":["a","b"]}"#, #"{"ids":["a"]}"#])
        #expect(carrier.sent[0].request.url == "https://exp.host/--/api/v2/push/getReceipts")
    }

    @Test func `the memory for projects is bounded and keeps what is used`() {
        var cache = GenerationalCache<Int, Int>(capacity: 10)
        for key in 0..<1_000 {
            cache.insert(key, for: key)
            let first = cache.use(0)
            #expect(first == 0)
            #expect(cache.count <= 20)
        }
        let found = [999, 991, 500].map { cache.use($0) }
        #expect(found == [999, 991, nil])
    }
}

extension ReceiptAnswer {
    fileprivate var verdicts: [String: Verdict] {
        switch self {
        case .answered(let outcomes): outcomes.mapValues(\.verdict)
        case .failed(let outcome): ["failed": outcome.verdict]
        }
    }
}
