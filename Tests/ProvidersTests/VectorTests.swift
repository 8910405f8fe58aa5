import Domain
import Testing
import Transport

@testable import Providers

/// Every vector gets the outcome that it states, and every rule of every table is stated by a vector.
struct VectorTests {
    @Test func `APNs answers are judged as the vectors say`() throws {
        let file = try VectorFile("apns")
        var hit: Set<String> = []
        for vector in file.vectors {
            var answer = APNsVerdicts.read(vector.response, token: file.token, now: file.now)
            answer.words += vector.marks
            check(APNsVerdicts.table.judge(answer), vector, "verdict", &hit)
        }
        expectAllHit([APNsVerdicts.table], hit)
    }

    @Test func `FCM answers are judged as the vectors say`() throws {
        let file = try VectorFile("fcm")
        var hit: Set<String> = []
        for vector in file.vectors {
            if vector.endpoint == "token" {
                let answer = FCMGrantVerdicts.read(vector.response, removing: [], now: file.now)
                check(FCMGrantVerdicts.table.judge(answer), vector, "verdict", &hit)
            } else {
                var answer = FCMVerdicts.read(vector.response, removing: [file.token], now: file.now)
                answer.words += vector.marks
                check(FCMVerdicts.table.judge(answer), vector, "verdict", &hit)
            }
        }
        expectAllHit([FCMVerdicts.table, FCMGrantVerdicts.table], hit)
    }

    @Test func `Expo answers are judged as the vectors say`() throws {
        let file = try VectorFile("expo")
        var hit: Set<String> = []
        for vector in file.vectors {
            if vector.endpoint == "receipts" {
                checkReceipts(vector, now: file.now, &hit)
            } else {
                let messages = vector.strings("tokens").enumerated().map { (token: $1, id: String($0)) }
                let outcomes = ExpoAnswer(to: messages, vector.response, secret: nil, now: file.now).outcomes
                let expected = vector.json["verdicts"]?.array ?? []
                #expect(outcomes.count == expected.count, "\(vector.name)")
                for (outcome, verdict) in zip(outcomes, expected) { check(outcome, vector, verdict, &hit) }
            }
        }
        expectAllHit([ExpoVerdicts.requests, ExpoVerdicts.tickets, ExpoVerdicts.receipts, ExpoVerdicts.questions], hit)
    }

    @Test(arguments: [TransportVerdicts.expo, TransportVerdicts.apns, TransportVerdicts.fcm, TransportVerdicts.grant])
    func `an exchange without an answer is judged alike for every provider`(table: VerdictTable) throws {
        var hit: Set<String> = []
        for vector in try VectorFile("transport").vectors {
            let kind = try #require(TransportFailure.Kind(rawValue: vector.json["kind"]?.string ?? ""), "\(vector.name)")
            let failure = TransportFailure(kind: kind, message: "as libcurl says", code: Int(vector.json["code"]?.integer ?? 0))
            let outcome =
                vector.json["outcome"]?.string == "not_sent"
                ? TransportVerdicts.notSent(failure, by: table) : TransportVerdicts.unknown(failure, by: table)
            var expected = try #require(vector.json["verdict"]?.object)
            expected["rule"] = .string((expected["rule"]?.string ?? "").replacing("*", with: table.name, maxReplacements: 1))
            check(outcome, vector, .object(expected), &hit)
        }
        expectAllHit([table], hit)
    }

    @Test func `no two rules bear the same name`() {
        for tables in [
            [APNsVerdicts.table, TransportVerdicts.apns],
            [FCMVerdicts.table, TransportVerdicts.fcm, FCMGrantVerdicts.table, TransportVerdicts.grant],
            [ExpoVerdicts.requests, ExpoVerdicts.tickets, ExpoVerdicts.receipts, ExpoVerdicts.questions, TransportVerdicts.expo],
        ] {
            let names = tables.flatMap(\.rules).map(\.name)
            let doubled = Dictionary(grouping: names, by: \.self).filter { $0.value.count > 1 }.keys
            #expect(doubled.isEmpty)
        }
    }

    @Test func `no answer of any status and shape crashes, and no unknown reason kills a token`() {
        let bodies = [
            "", "{", "null", "17", "[]", "{}", #"{"reason":null}"#, #"{"reason":"X"}"#, #"{"error":{"details":[[],{"@type":1}]}}"#,
            #"{"errors":[{"code":"X","details":[1]}]}"#, #"{"data":[{"status":"error","details":{"error":"X"}}]}"#, "\u{FEFF}<html>",
            #"{"timestamp":-1}"#,
        ]
        let now = Timestamp(seconds: 1_768_478_400)
        for status in Array(100...130) + Array(200...620) {
            for body in bodies {
                let response = HTTPResponse(status: status, headers: [("retry-after", "x")], body: Array(body.utf8))
                var outcomes = [
                    APNsVerdicts.table.judge(APNsVerdicts.read(response, token: "", now: now)),
                    FCMVerdicts.table.judge(FCMVerdicts.read(response, removing: [], now: now)),
                    FCMGrantVerdicts.table.judge(FCMGrantVerdicts.read(response, removing: [], now: now)),
                ]
                outcomes += ExpoAnswer(to: [(token: "ExponentPushToken[a]", id: "0")], response, secret: nil, now: now).outcomes
                for outcome in outcomes where outcome.rule != "apns.410.no_reason" {
                    if case .recipientGone = outcome.verdict { Issue.record("\(status) \(body) kills a token by \(outcome.rule)") }
                }
            }
        }
    }

    private func checkReceipts(_ vector: Vector, now: Timestamp, _ hit: inout Set<String>) {
        switch ExpoAnswer.receipts(for: vector.strings("tickets"), vector.response, secret: nil, now: now) {
        case .answered(let outcomes):
            let expected = vector.json["receipts"]?.object
            #expect(Set(outcomes.keys) == Set(expected?.members.map(\.key) ?? ["nothing, but a failure"]), "\(vector.name)")
            for (ticket, outcome) in outcomes { check(outcome, vector, expected?[ticket], &hit) }
        case .failed(let outcome): check(outcome, vector, "verdict", &hit)
        }
    }

    private func check(_ outcome: Outcome, _ vector: Vector, _ key: String, _ hit: inout Set<String>) {
        check(outcome, vector, vector.json[key], &hit)
    }

    private func check(_ outcome: Outcome, _ vector: Vector, _ expected: JSON?, _ hit: inout Set<String>) {
        #expect(outcome.vector.text == expected?.object?.sorted.text, "\(vector.name)")
        #expect((outcome.detail?.utf8.count ?? 0) <= 1_024, "\(vector.name)")
        hit.insert(outcome.rule)
    }

    private func expectAllHit(_ tables: [VerdictTable], _ hit: Set<String>) {
        let missed = tables.flatMap(\.rules).map(\.name).filter { !hit.contains($0) }
        #expect(missed.isEmpty, "rules without a vector")
    }
}

extension VerdictTable: CustomTestStringConvertible {
    public var testDescription: String { name }
}
