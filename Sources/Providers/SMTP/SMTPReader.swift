import Domain
import Transport

/// Boils the end of a transaction with one recipient down to the words that the verdict table knows.
struct SMTPReader {
    /// What must not be read in an outcome's detail: the recipient's address in the forms a relay may quote it in.
    let secrets: [String]

    func answer(_ outcome: SMTPOutcome) -> Answer {
        switch outcome {
        case .answered(let recipients, let reply):
            if let refusal = recipients.first, refusal.code / 100 != 2 { return answer(.rcpt, refusal) }
            var answer = answer(.end, reply)
            if reply.code / 100 == 2 { answer.providerMessageID = QueueID.find(in: reply.text) }
            return answer
        case .refused(let stage, let reply, let recipients):
            // "No valid recipients" after DATA only repeats what was said at RCPT.
            if let refusal = recipients.first, refusal.code / 100 != 2 { return answer(.rcpt, refusal) }
            return answer(stage, reply)
        case .notOffered(let needed): return answer(needed)
        case .stale(let failure): return silence("not_sent", "stale_connection", failure)
        case .notSent(let failure): return silence("not_sent", failure.kind.rawValue, failure)
        case .unknown(let failure): return silence("unknown", failure.kind.rawValue, failure)
        }
    }

    private func answer(_ stage: SMTPStage, _ reply: SMTPReply) -> Answer {
        var answer = Answer(status: reply.code, words: [stage.rawValue, String(reply.code), "\(reply.code / 100)xx"], text: reply.text)
        switch stage {
        case .rcpt, .data, .end: answer.words.append("to_mailbox")
        case .greeting, .ehlo, .starttls, .auth, .mail, .noop, .reset: break
        }
        let enhanced = reply.enhancedCode?.split(separator: ".") ?? []
        answer.words += enhanced.count == 3 ? ["x.\(enhanced[1]).\(enhanced[2])", "x.\(enhanced[1]).x"] : ["bare"]
        answer.reason = reply.enhancedCode ?? String(reply.code)
        answer.detail = Masking.redact(reply.text, removing: secrets)
        return answer
    }

    /// `CURLE_SSL_CONNECT_ERROR`
    private static let handshakeBroken = 35

    private func silence(_ phase: String, _ reason: String, _ failure: TransportFailure) -> Answer {
        var answer = Answer(words: [phase, reason], reason: reason, detail: Masking.redact(failure.message, removing: secrets))
        if failure.code == Self.handshakeBroken { answer.words.append("handshake") }
        return answer
    }

    private func answer(_ needed: SMTPExtension) -> Answer {
        let (reason, detail) =
            switch needed {
            case .starttls:
                (
                    "starttls_not_offered",
                    "The relay doesn't offer STARTTLS, and mail is never sent in the clear where TLS is asked for. Check port and tls."
                )
            case .auth:
                (
                    "auth_not_offered",
                    "The relay offers no login that we know on this connection. Check port and tls, or remove username and password."
                )
            case .smtpUTF8: ("5.6.7", "The address has characters beyond ASCII before the @, and the relay doesn't offer SMTPUTF8.")
            }
        return Answer(words: ["not_offered", needed.rawValue], reason: reason, detail: detail)
    }
}
