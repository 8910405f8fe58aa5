import Domain
import Transport

/// What a relay's answers to a probe say of the credential.
struct MailProbeJudge {
    let relay: SMTPRelay
    let sender: String
    /// Whether DNS knows the relay's host, where that has been asked; nil where it says nothing.
    var hostExists: Bool?

    init(relay: SMTPRelay, sender: String) {
        self.relay = relay
        self.sender = sender
    }

    private var place: String { "\(relay.host):\(relay.port)" }

    func read(_ probe: SMTPProbe, into trial: inout Trial) {
        let failing = step(of: probe.ending)
        for step in Step.allCases {
            if step == failing { break }
            if let words = words(of: step, probe) { trial.worked(step.rawValue, words) }
        }
        switch probe.ending {
        case .taken: break
        case .refused(let stage, let reply): refused(stage, reply, &trial)
        case .notOffered(let needed): notOffered(needed, &trial)
        case .failed(let failure): failed(failure, at: failing ?? .connect, hasGreeting: !probe.answers.isEmpty, &trial)
        }
    }

    // MARK: Steps

    private enum Step: String, CaseIterable {
        case connect
        case tls
        case auth
        case sender
    }

    private static func step(of stage: SMTPStage) -> Step {
        switch stage {
        case .greeting, .ehlo: .connect
        case .starttls: .tls
        case .auth: .auth
        case .noop, .mail, .reset, .rcpt, .data, .end: .sender
        }
    }

    /// Where it ended; nil where it did not.
    private func step(of ending: SMTPProbe.Ending) -> Step? {
        switch ending {
        case .taken: nil
        case .refused(let stage, _): Self.step(of: stage)
        case .notOffered(.starttls): .tls
        case .notOffered(.auth): .auth
        case .notOffered(.smtpUTF8): .sender
        case .failed(let failure):
            switch failure.kind {
            case .tls: .tls
            case .resolve, .connect, .timeout, .reset, .refusedStream, .cancelled, .shutdown, .invalidRequest, .local: .connect
            }
        }
    }

    /// What a step that went well has to tell; nil for one that did not take place.
    private func words(of step: Step, _ probe: SMTPProbe) -> String? {
        func last(_ stage: SMTPStage) -> String? { probe.answers.last { $0.stage == stage && $0.reply.isPositive }.map { Self.words($0.reply) } }
        return switch step {
        case .connect: last(.greeting) ?? "\(place) takes connections"
        case .tls: probe.isEncrypted ? "TLS is up, with a certificate that is trusted for \(relay.host)" : nil
        case .auth: relay.username == nil ? nil : last(.auth)
        case .sender: last(.mail).map { "\($0); taken back by RSET" }
        }
    }

    private static func words(_ reply: SMTPReply) -> String {
        [String(reply.code), reply.enhancedCode, reply.text.isEmpty ? nil : reply.text].compactMap(\.self).joined(separator: " ")
    }

    // MARK: What went wrong

    private func refused(_ stage: SMTPStage, _ reply: SMTPReply, _ trial: inout Trial) {
        let outcome = SMTPVerdicts.table.judge(SMTPReader(secrets: []).answer(.refused(stage: stage, reply: reply, recipients: [])))
        let verdict = CredentialVerification.Verdict(of: outcome.verdict)
        let words = Self.words(reply)
        let step = Self.step(of: stage)
        guard verdict != .inconclusive else {
            trial.failed(
                step.rawValue, .inconclusive, words,
                summary: "\(place) puts it off (\(words)), which says nothing of the credential. Verify again later.")
            return
        }
        let summary =
            switch step {
            case .connect:
                "\(place) wants nothing of this machine (\(words)). Ask its operator to allow this machine's address, or use the port for submission, 587 or 465."
            case .tls: "\(place) refuses STARTTLS (\(words)). Use smtps:// with tls: implicit if the relay has it."
            case .auth: login(reply, words)
            case .sender: senderRefused(reply, words)
            }
        trial.failed(step.rawValue, .refused, words, summary: summary)
    }

    private func login(_ reply: SMTPReply, _ words: String) -> String {
        if reply.code == 538 || reply.enhancedCode == "5.7.11" {
            return "\(place) takes no password without TLS (\(words)). Set tls to starttls, or to implicit with smtps://."
        }
        if reply.code == 534 {
            return
                "\(place) wants another kind of login (\(words)). Many providers ask for an app password in place of the account's own: make one and set it."
        }
        return
            "\(place) refuses user name and password (\(words)). Check both; many providers ask for an app password or an API key in place of the account's own."
    }

    private func senderRefused(_ reply: SMTPReply, _ words: String) -> String {
        if reply.code == 530 {
            return relay.security == .none
                ? "\(place) wants TLS or a login before it takes mail (\(words)). Set tls to starttls, and username and password."
                : "\(place) wants a login before it takes mail (\(words)). Set username and password."
        }
        return
            "\(place) does not take \(sender) as a sender (\(words)). Have the address or its domain confirmed with the relay's operator, or set from to one that is."
    }

    private func notOffered(_ needed: SMTPExtension, _ trial: inout Trial) {
        switch needed {
        case .starttls:
            trial.failed(
                Step.tls.rawValue, .refused, "the relay does not offer STARTTLS",
                summary:
                    "\(place) does not offer STARTTLS. Use smtps:// with tls: implicit (port 465) if the relay has it; tls: none is for relays on this machine."
            )
        case .auth:
            trial.failed(
                Step.auth.rawValue, .refused, "the relay offers no login that we know on this connection",
                summary:
                    "\(place) offers no login on this connection. \(relay.security == .none ? "Set tls to starttls, or remove" : "Check the port, or remove") username and password."
            )
        case .smtpUTF8:
            trial.failed(
                Step.sender.rawValue, .refused, "the relay does not offer SMTPUTF8",
                summary: "\(place) can't read \(sender), which has letters beyond ASCII before the @. Set from to an address without.")
        }
    }

    private func failed(_ failure: TransportFailure, at step: Step, hasGreeting: Bool, _ trial: inout Trial) {
        let words = failure.message
        switch failure.kind {
        case .resolve where hostExists == false:
            trial.failed(
                step.rawValue, .refused, words, summary: "There is no host \(relay.host) in DNS. Correct url, which names the relay.")
        case .resolve:
            trial.failed(
                step.rawValue, .inconclusive, words,
                summary: "The address of \(relay.host) could not be found out (\(words)). Check this machine's DNS, or verify again later.")
        case .tls: tlsFailed(failure, &trial)
        case .connect, .timeout, .reset, .refusedStream, .cancelled, .shutdown, .invalidRequest, .local:
            trial.failed(
                step.rawValue, .inconclusive, words,
                summary: "\(place) gave no answer (\(words)), which says nothing of the credential. \(silence(hasGreeting)).")
        }
    }

    private func silence(_ hasGreeting: Bool) -> String {
        if relay.port == 465, relay.security != .implicit, !hasGreeting {
            return "On port 465 a relay waits for TLS from the first byte: write smtps:// and tls: implicit"
        }
        return hasGreeting
            ? "It broke off in the middle: verify again later" : "Check host and port in url, that the relay runs, and the firewalls between"
    }

    /// `CURLE_PEER_FAILED_VERIFICATION`
    private static let untrusted = 60
    /// What TLS libraries say of an answer that is no TLS.
    private static let plainWords = ["wrong version number", "packet length too long", "unknown protocol", "http request"]

    private func tlsFailed(_ failure: TransportFailure, _ trial: inout Trial) {
        let words = failure.message
        if failure.code == Self.untrusted {
            trial.failed(
                Step.tls.rawValue, .refused, words,
                summary:
                    "The certificate of \(relay.host) can't be trusted (\(words)). Write the name that stands in it into url, or name its CA in providers.ca_file; "
                    + "one that has expired its operator has to renew.")
        } else if relay.security == .implicit, Self.plainWords.contains(where: words.lowercased().contains) {
            trial.failed(
                Step.tls.rawValue, .refused, words,
                summary: "\(place) does not begin with TLS (\(words)). Write smtp:// and tls: starttls.")
        } else {
            trial.failed(
                Step.tls.rawValue, .inconclusive, words,
                summary: "TLS with \(place) broke off (\(words)), which says nothing of the credential. Verify again later.")
        }
    }
}
