import Domain
import Testing
import Transport

@testable import Providers

/// Every vector gets the outcome that it states, and every rule of the table is stated by a vector.
struct SMTPVectorTests {
    private let reader = SMTPReader(secrets: [])

    @Test func `SMTP replies are judged as the vectors say`() throws {
        var hit: Set<String> = []
        for vector in try VectorFile("smtp").vectors {
            let outcome = SMTPVerdicts.table.judge(reader.answer(try outcome(of: vector)))
            #expect(outcome.vector.text == vector.json["verdict"]?.object?.sorted.text, "\(vector.name)")
            hit.insert(outcome.rule)
        }
        let missed = SMTPVerdicts.table.rules.map(\.name).filter { !hit.contains($0) }
        #expect(missed.isEmpty, "rules without a vector")
    }

    @Test func `no two rules bear the same name`() {
        let doubled = Dictionary(grouping: SMTPVerdicts.table.rules.map(\.name), by: \.self).filter { $0.value.count > 1 }.keys
        #expect(doubled.isEmpty)
    }

    @Test func `the basic code's first digit decides whether to try again, whatever the enhanced code says`() {
        // 4xx is never an end but where a login has to be mended; 5xx is a second try only where the mailbox or a rate is named.
        for stage in [SMTPStage.mail, .rcpt, .data, .end] {
            for code in 400...499 {
                for enhanced in ["5.1.1", "5.2.1", "5.7.1", "5.1.2", "5.7.13", "5.6.0", "5.3.4"] {
                    let verdict = judge(stage, code, enhanced).verdict
                    guard case .deferred = verdict else {
                        Issue.record("\(stage) \(code) \(enhanced) is \(verdict)")
                        continue
                    }
                }
            }
        }
    }

    @Test func `nothing but a code about the mailbox, or an unknown user's text, kills an address`() {
        let killers: Set = [
            "1.0", "1.1", "1.2", "1.3", "1.6", "1.10", "2.1", "4.1", "4.4", "7.13", "7.17", "7.18",
        ]
        for stage in [SMTPStage.greeting, .ehlo, .starttls, .auth, .mail, .rcpt, .data, .end] {
            for code in [500, 501, 521, 530, 550, 551, 552, 553, 554, 555, 556, 571, 599] {
                for subject in 0...9 {
                    for detail in 0...40 where !killers.contains("\(subject).\(detail)") && code != 551 {
                        if case .recipientGone = judge(stage, code, "5.\(subject).\(detail)", text: "user unknown").verdict {
                            Issue.record("\(stage) \(code) 5.\(subject).\(detail) kills an address")
                        }
                    }
                }
                if ![550, 551, 553].contains(code), case .recipientGone = judge(stage, code, nil, text: "user unknown").verdict {
                    Issue.record("\(stage) \(code) without enhanced code kills an address")
                }
                guard stage != .rcpt, stage != .data, stage != .end else { continue }
                for killer in killers {
                    if case .recipientGone = judge(stage, code, "5.\(killer)", text: "user unknown, access denied").verdict {
                        Issue.record("\(stage) \(code) 5.\(killer) kills an address that has not been named yet")
                    }
                }
            }
        }
    }

    @Test func `a refusal at RCPT counts, not what the relay says of it after DATA`() {
        let rcpt = SMTPReply(code: 550, enhancedCode: "5.1.1", text: "User unknown")
        let data = SMTPReply(code: 554, enhancedCode: "5.5.1", text: "No valid recipients")
        for outcome in [SMTPOutcome.refused(stage: .data, reply: data, recipients: [rcpt]), .answered(recipients: [rcpt], reply: data)] {
            #expect(SMTPVerdicts.table.judge(reader.answer(outcome)).rule == "smtp.rcpt.5.1.1")
        }
    }

    @Test func `the detail quotes the relay without the address`() {
        let reply = SMTPReply(code: 550, enhancedCode: "5.1.1", text: "<jane.doe@example.org>: user unknown " + String(repeating: "x", count: 2_000))
        let answer = SMTPReader(secrets: ["jane.doe@example.org"]).answer(.refused(stage: .rcpt, reply: reply, recipients: [reply]))
        let detail = SMTPVerdicts.table.judge(answer).detail
        #expect(detail?.hasPrefix("<j…@example.org>: user unknown") == true)
        #expect((detail?.utf8.count ?? 0) <= 1_024)
    }

    private func judge(_ stage: SMTPStage, _ code: Int, _ enhanced: String?, text: String = "") -> Outcome {
        SMTPVerdicts.table.judge(
            reader.answer(.refused(stage: stage, reply: SMTPReply(code: code, enhancedCode: enhanced, text: text), recipients: [])))
    }

    private func outcome(of vector: Vector) throws -> SMTPOutcome {
        func failure() throws -> TransportFailure {
            let kind = try #require(TransportFailure.Kind(rawValue: vector.json["kind"]?.string ?? ""), "\(vector.name)")
            return TransportFailure(kind: kind, message: "as libcurl says", code: Int(vector.json["code"]?.integer ?? 0))
        }
        switch vector.json["outcome"]?.string {
        case "not_sent": return .notSent(try failure())
        case "unknown": return .unknown(try failure())
        case "stale": return .stale(try failure())
        case "not_offered":
            return .notOffered(try #require(SMTPExtension(rawValue: vector.json["extension"]?.string ?? ""), "\(vector.name)"))
        default:
            let stage = try #require(SMTPStage(rawValue: vector.json["stage"]?.string ?? ""), "\(vector.name)")
            let reply = SMTPReply(
                code: Int(vector.json["code"]?.integer ?? 0), enhancedCode: vector.json["enhanced"]?.string, text: vector.json["text"]?.string ?? "")
            let taken = SMTPReply(code: 250, enhancedCode: "2.1.5", text: "Ok")
            switch stage {
            case .end: return .answered(recipients: [taken], reply: reply)
            case .rcpt: return .refused(stage: .rcpt, reply: reply, recipients: [reply])
            case .data: return .refused(stage: .data, reply: reply, recipients: [taken])
            case .greeting, .ehlo, .starttls, .auth, .mail, .noop, .reset: return .refused(stage: stage, reply: reply, recipients: [])
            }
        }
    }
}
