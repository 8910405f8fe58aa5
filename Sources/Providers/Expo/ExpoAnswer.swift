import Domain
import Transport

/// Reads Expo's answers, of any shape, and gives each message its outcome. Pure.
struct ExpoAnswer: Sendable {
    /// As many as messages were sent, in their order.
    var outcomes: [Outcome]
    /// Projects by token, where the answer told them.
    var projects: [String: String] = [:]

    /// - Parameter messages: tokens and delivery ids of what was sent, in order.
    /// - Parameter secret: the access token.
    init(to messages: [(token: String, id: String)], _ response: HTTPResponse, secret: String?, now: Timestamp) {
        let body = try? JSON(parsing: response.body)
        let error = body?["errors"]?[0]
        if response.status == 200, error == nil, let tickets = Self.tickets(body, count: messages.count) {
            outcomes = zip(messages, tickets).map { Self.outcome(of: $1, to: $0.token, secrets: [$0.token, secret].compactMap(\.self)) }
            return
        }
        var answer = Answer(status: response.status)
        answer.retryAfter = response.retryAfter(now: now)
        answer.detail = response.detail(removing: messages.map(\.token) + [secret].compactMap(\.self))
        answer.reason = error?["code"]?.string
        answer.words = answer.reason.map { [$0] } ?? []
        if response.status == 200, error == nil {
            answer.reason = UnknownOutcome.reason
            if body?["data"] != nil { answer.words.append(ExpoVerdicts.Mark.ticketCount) }
        }
        if messages.count == 1 { answer.words.append(ExpoVerdicts.Mark.single) }

        projects = Self.projects(in: error?["details"])
        let labels = Self.labels(for: messages, projects)
        outcomes = labels.map { label in
            answer.splitLabel = label
            return ExpoVerdicts.requests.judge(answer)
        }
    }

    /// The answer to a question for receipts.
    static func receipts(for tickets: [String], _ response: HTTPResponse, secret: String?, now: Timestamp) -> ReceiptAnswer {
        let body = try? JSON(parsing: response.body)
        let secrets = [secret].compactMap(\.self)
        if response.status == 200, body?["errors"]?[0] == nil, let receipts = body?["data"]?.object {
            let asked = Set(tickets)
            var outcomes: [String: Outcome] = [:]
            for member in receipts.members where asked.contains(member.key) {
                // One that says neither ok nor error is no receipt yet: it will be asked for again.
                guard let outcome = outcome(ofReceipt: member.value, ticket: member.key, secrets: secrets) else { continue }
                outcomes[member.key] = outcome
            }
            return .answered(outcomes)
        }
        var answer = Answer(status: response.status)
        answer.reason = body?["errors"]?[0]?["code"]?.string
        answer.words = answer.reason.map { [$0] } ?? []
        answer.splitLabel = tickets.first.map { "half/\($0)" }
        answer.retryAfter = response.retryAfter(now: now)
        answer.detail = response.detail(removing: secrets)
        return .failed(ExpoVerdicts.questions.judge(answer))
    }

    /// The tickets when there are as many as messages; a single one may stand without its array.
    private static func tickets(_ body: JSON?, count: Int) -> [JSON]? {
        guard let data = body?["data"] else { return nil }
        if let tickets = data.array { return tickets.count == count ? tickets : nil }
        return data.object != nil && count == 1 ? [data] : nil
    }

    private static func outcome(of ticket: JSON, to token: String, secrets: [String]) -> Outcome {
        var answer = Answer(status: 200)
        switch ticket["status"]?.string {
        case "ok":
            // Without an id there is no receipt to ask for, and nothing was promised.
            if let id = ticket["id"]?.textOrNumber, !id.isEmpty {
                answer.words = [ExpoVerdicts.Mark.ok]
                answer.providerMessageID = id
            } else {
                answer.reason = UnknownOutcome.reason
                answer.detail = Masking.redact(ticket.text, removing: secrets)
            }
        case "error":
            describe(ticket, in: &answer, secrets: secrets)
            if !ExpoToken.isWellFormed(token) { answer.words.append(ExpoVerdicts.Mark.malformedToken) }
        default:
            answer.reason = UnknownOutcome.reason
            answer.detail = Masking.redact(ticket.text, removing: secrets)
        }
        return ExpoVerdicts.tickets.judge(answer)
    }

    private static func outcome(ofReceipt receipt: JSON, ticket: String, secrets: [String]) -> Outcome? {
        var answer = Answer(status: 200, providerMessageID: ticket)
        switch receipt["status"]?.string {
        case "ok": answer.words = [ExpoVerdicts.Mark.ok]
        case "error":
            let token = receipt["details"]?["expoPushToken"]?.string
            describe(receipt, in: &answer, secrets: secrets + [token].compactMap(\.self))
        default: return nil
        }
        return ExpoVerdicts.receipts.judge(answer)
    }

    private static func describe(_ error: JSON, in answer: inout Answer, secrets: [String]) {
        answer.reason = error["details"]?["error"]?.string
        answer.words = [ExpoVerdicts.Mark.error, answer.reason ?? ExpoVerdicts.Mark.noCode]
        answer.text = error["message"]?.string ?? ""
        answer.detail = Masking.redact(error.text, removing: secrets)
    }

    /// `{"@owner/slug": ["ExponentPushToken[…]", …], …}`
    private static func projects(in details: JSON?) -> [String: String] {
        var projects: [String: String] = [:]
        for member in details?.object?.members ?? [] {
            for token in member.value.array ?? [] {
                if let token = token.string { projects[token] = member.key }
            }
        }
        return projects
    }

    /// By project where the answer told the projects and that divides the batch; else in two halves. Two halves of different batches never bear the same
    /// label: a message that spoils its request must not meet the next such.
    private static func labels(for messages: [(token: String, id: String)], _ projects: [String: String]) -> [String] {
        let named = messages.map { projects[$0.token] }
        if Set(named).count > 1 {
            let rest = messages.first { projects[$0.token] == nil }.map { "rest/\($0.id)" } ?? ""
            return named.map { $0 ?? rest }
        }
        let middle = messages.count / 2
        return messages.indices.map { $0 < middle ? "half/\(messages[0].id)" : "half/\(messages[middle].id)" }
    }
}

/// Forms of Expo push tokens.
enum ExpoToken {
    /// The usual form, or the UUID-like one of old devices (five groups of letters and digits, 8-4-4-4-12).
    static func isWellFormed(_ token: String) -> Bool {
        if TokenForm.isExpo(token) { return true }
        let groups = token.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return groups.map(\.count) == [8, 4, 4, 4, 12]
            && groups.allSatisfy { $0.allSatisfy { (48...57).contains($0) || (97...122).contains($0 | 0x20) } }
    }
}

extension JSON {
    /// A text, or a number's text where a provider wrote a number instead.
    fileprivate var textOrNumber: String? {
        if case .number(let text) = self { text } else { string }
    }
}
