import Foundation

/// The mailboxes that behave in a way of their own: `perm-fail@…`, `rcpt-450-4.2.1@…`, `delay-500ms@…`; several joined by `+`.
enum Mailboxes {
    /// At RCPT unless another step is named.
    private static let named: [String: (stage: Script.Stage, status: Int, enhanced: String, text: String)] = [
        "perm-fail": (.rcpt, 550, "5.1.1", "The email account that you tried to reach does not exist"),
        "temp-fail": (.rcpt, 451, "4.3.0", "Temporary system problem, try again later"),
        "no-domain": (.rcpt, 550, "5.1.2", "Domain not found"),
        "null-mx": (.rcpt, 550, "5.1.10", "Recipient address has a null MX"),
        "disabled": (.rcpt, 550, "5.2.1", "The account is inactive"),
        "full": (.rcpt, 452, "4.2.2", "The recipient's inbox is out of storage space"),
        "over-quota": (.rcpt, 552, "5.2.2", "The recipient's inbox is full"),
        "rate-limited": (.rcpt, 450, "4.2.1", "The user is receiving mail at a rate that prevents additional messages"),
        "relay-denied": (.rcpt, 550, "5.7.1", "Relaying denied"),
        "too-many": (.rcpt, 452, "4.5.3", "Too many recipients"),
        "shutdown": (.rcpt, 421, "4.3.2", "Service shutting down, closing channel"),
        "spam": (.dot, 550, "5.7.1", "Message rejected as spam"),
        "unsigned": (.dot, 550, "5.7.26", "Unauthenticated email is not accepted from this domain"),
        "too-big": (.dot, 552, "5.3.4", "Message size exceeds fixed limit"),
        "malformed": (.dot, 554, "5.6.0", "Message is malformed"),
        "dot-temp-fail": (.dot, 451, "4.3.0", "Temporary system problem, try again later"),
    ]

    /// What the address asks for; nil for an ordinary one. `greylist` is told by `isGreylisted`.
    static func magic(in address: String) -> MagicWords? {
        guard let local = address.split(separator: "@").first else { return nil }
        var words: MagicWords?
        for part in local.split(separator: "+") {
            guard let own = reply(part) ?? effect(part) else { continue }
            words = words.map { merge($0, own) } ?? own
        }
        return words
    }

    static func isGreylisted(_ address: String) -> Bool {
        address.split(separator: "@").first?.split(separator: "+").contains("greylist") ?? false
    }

    /// The status with which a mail that was accepted comes back: `bounce@…` 5.1.1, `bounce-5.2.2@…` as it says; nil for mailboxes that keep it.
    static func bounceStatus(of address: String) -> String? {
        for part in address.split(separator: "@").first?.split(separator: "+") ?? [] {
            if part == "bounce" { return "5.1.1" }
            guard part.hasPrefix("bounce-") else { continue }
            let status = part.dropFirst("bounce-".count)
            if status.wholeMatch(of: #/5\.\d{1,3}\.\d{1,3}/#) != nil { return String(status) }
        }
        return nil
    }

    private static func reply(_ part: Substring) -> MagicWords? {
        var name = part
        var times: Int?
        if let mark = part.range(of: "-x", options: .backwards), let count = Int(part[mark.upperBound...]) {
            times = count
            name = part[..<mark.lowerBound]
        }
        var words = MagicWords(stage: .rcpt)
        words.times = times
        if let row = named[String(name)] {
            words.stage = row.stage
            words.answer = ScriptedAnswer(status: row.status, reason: row.enhanced, body: row.text)
            return words
        }
        // step-code or step-code-enhanced
        let fields = name.split(separator: "-")
        guard fields.count == 2 || fields.count == 3, let stage = Script.Stage(rawValue: String(fields[0])), stages.contains(stage),
            let code = Int(fields[1]), (400..<600).contains(code)
        else { return nil }
        words.stage = stage
        words.answer = ScriptedAnswer(status: code, reason: fields.count == 3 ? String(fields[2]) : nil)
        return words
    }

    private static let stages: Set<Script.Stage> = [.mail, .rcpt, .data, .dot]

    /// Delays and faults fall due after the final dot.
    private static func effect(_ part: Substring) -> MagicWords? {
        MagicWords(in: part, stage: .dot) { _ in false }
    }

    private static func merge(_ first: MagicWords, _ second: MagicWords) -> MagicWords {
        var merged = first
        if merged.answer.status == nil {
            merged.answer.status = second.answer.status
            merged.answer.reason = second.answer.reason
            merged.answer.body = second.answer.body
            merged.stage = second.stage
        }
        merged.answer.delay = max(first.answer.delay, second.answer.delay)
        merged.answer.fault = first.answer.fault ?? second.answer.fault
        merged.times = first.times ?? second.times
        return merged
    }
}
