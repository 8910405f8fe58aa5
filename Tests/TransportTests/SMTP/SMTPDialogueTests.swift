import Testing

@testable import Transport

/// Transcripts of both sides, as libcurl shows them: `>` is what it sent, `<` what it got.
struct SMTPDialogueTests {
    private let reset = TransportFailure(kind: .reset, message: "response reading failed", code: 56)

    @Test func `a whole transaction on a new connection`() {
        let dialogue = play(
            """
            < 220 mx.test ESMTP
            > EHLO us
            < 250-mx.test
            < 250-SMTPUTF8
            < 250 AUTH PLAIN
            > MAIL FROM:<a@b>
            < 250 2.1.0 Ok
            > RCPT TO:<c@d>
            < 250-2.1.5 One
            < 250 2.1.5 Two
            > DATA
            < 354 Go
            < 250 2.0.0 Ok: queued as X
            """)
        #expect(dialogue.extensions == [.auth, .smtpUTF8])
        guard case .answered(let recipients, let reply) = dialogue.outcome(.init(failure: nil, isHandedOver: true, isReused: false)) else {
            return record(dialogue)
        }
        #expect(recipients == [SMTPReply(code: 250, enhancedCode: "2.1.5", text: "One\nTwo")])
        #expect(reply == SMTPReply(code: 250, enhancedCode: "2.0.0", text: "Ok: queued as X"))
    }

    @Test func `content that was asked for is unknown once it went out whole, and not sent before`() {
        let text = "> MAIL FROM:<a@b>\n< 250 Ok\n> RCPT TO:<c@d>\n< 250 Ok\n> DATA\n< 354 Go"
        guard case .unknown = play(text).outcome(.init(failure: reset, isHandedOver: true, isReused: true)) else { return record(play(text)) }
        guard case .notSent = play(text).outcome(.init(failure: reset, isHandedOver: false, isReused: true)) else { return record(play(text)) }
    }

    @Test func `a kept connection that breaks before MAIL was answered is stale, a new one is not`() {
        guard case .stale = play("").outcome(.init(failure: reset, isHandedOver: false, isReused: true)) else { return record(play("")) }
        guard case .notSent = play("").outcome(.init(failure: reset, isHandedOver: false, isReused: false)) else { return record(play("")) }
        let taken = play("> MAIL FROM:<a@b>\n< 250 Ok\n> RCPT TO:<c@d>")
        guard case .notSent = taken.outcome(.init(failure: reset, isHandedOver: false, isReused: true)) else { return record(taken) }
        let slow = TransportFailure(kind: .timeout, message: "", code: 28)
        guard case .notSent = play("> MAIL FROM:<a@b>").outcome(.init(failure: slow, isHandedOver: false, isReused: true)) else {
            return record(play(""))
        }
    }

    @Test func `one recipient's refusal is not the transaction's`() {
        let mixed = play("> MAIL\n< 250 Ok\n> RCPT\n< 250 Ok\n> RCPT\n< 550 No", recipients: 2)
        guard case .notSent = mixed.outcome(.init(failure: reset, isHandedOver: false, isReused: false)) else { return record(mixed) }
        let pending = play("> MAIL\n< 250 Ok\n> RCPT\n< 550 No\n> RCPT", recipients: 2)
        guard case .notSent = pending.outcome(.init(failure: reset, isHandedOver: false, isReused: false)) else { return record(pending) }
        let all = play("> MAIL\n< 250 Ok\n> RCPT\n< 550 No\n> RCPT\n< 551 5.1.6 Moved\n> QUIT\n< 221 Bye", recipients: 2)
        guard case .refused(.rcpt, let reply, let recipients) = all.outcome(.init(failure: reset, isHandedOver: false, isReused: false)) else {
            return record(all)
        }
        #expect(reply.code == 551)
        #expect(recipients.map(\.code) == [550, 551])
        let hungUp = play("> MAIL\n< 250 Ok\n> RCPT\n< 250 Ok\n> RCPT\n< 421 Closing", recipients: 2)
        guard case .refused(.rcpt, let last, _) = hungUp.outcome(.init(failure: reset, isHandedOver: false, isReused: false)) else {
            return record(hungUp)
        }
        #expect(last.code == 421)
    }

    @Test func `a refused EHLO is forgotten when HELO is taken`() {
        let dialogue = play("< 220 Hi\n> EHLO us\n< 502 What?\n> HELO us\n< 250 Ok\n> MAIL")
        guard case .notSent = dialogue.outcome(.init(failure: reset, isHandedOver: false, isReused: false)) else { return record(dialogue) }
    }

    @Test func `a password that reads like a command is none`() {
        // "QUIT" and "DATA" are valid base 64.
        let dialogue = play(
            "< 220 Hi\n> EHLO us\n< 250 AUTH LOGIN\n> AUTH LOGIN\n< 334 VXNlcm5hbWU6\n> DATA\n< 334 UGFzc3dvcmQ6\n> QUIT\n< 535 5.7.8 No")
        guard case .refused(.auth, let reply, _) = dialogue.outcome(.init(failure: reset, isHandedOver: false, isReused: false)) else {
            return record(dialogue)
        }
        #expect(reply.code == 535)
    }

    @Test func `what is announced before TLS is not what counts`() {
        var needs = SMTPDialogue.Needs()
        needs.startTLS = true
        needs.auth = true
        var dialogue = SMTPDialogue(needs: needs)
        #expect(feed(&dialogue, "< 220 Hi\n> EHLO us\n< 250-mx\n< 250 STARTTLS\n> STARTTLS\n< 220 Go") == true)
        #expect(feed(&dialogue, "> EHLO us\n< 250-mx\n< 250-AUTHORITY\n< 250-auth plain") == true)
        // The reply's last line ends it: neither of those is a login that libcurl would use.
        #expect(feed(&dialogue, "< 250 SIZE 1") == false)
        #expect(dialogue.lacking == .auth)
    }

    @Test(arguments: [
        ("250 2.1.5 Ok", 250, "2.1.5", "Ok"), ("250 Ok", 250, nil, "Ok"), ("250", 250, nil, ""), ("550 5.7.515 Denied", 550, "5.7.515", "Denied"),
        ("550 5.1.1", 550, "5.1.1", ""), ("550 5.1.1234 x", 550, nil, "5.1.1234 x"), ("550 3.1.1 x", 550, nil, "3.1.1 x"),
        ("550 5.1 x", 550, nil, "5.1 x"),
        ("550 5.1.1: x", 550, nil, "5.1.1: x"), ("421 5.7.32 odd", 421, "5.7.32", "odd"),
    ])
    func `a reply's codes are read`(line: String, code: Int, enhanced: String?, text: String) {
        #expect(SMTPReply(lines: [Array(line.utf8)]) == SMTPReply(code: code, enhancedCode: enhanced, text: text))
    }

    @Test func `a relay that talks without end is cut short, and its last line still counts`() {
        var dialogue = SMTPDialogue(needs: .init())
        let line = String(repeating: "x", count: 500)
        _ = feed(&dialogue, "< 220 Hi\n> EHLO us\n< 250 Ok\n> MAIL\n< 250 Ok\n> RCPT")
        for _ in 0..<10_000 { #expect(dialogue.received(Array("550-\(line)\r\n".utf8)) == true) }
        _ = feed(&dialogue, "< 550 5.1.1 end")
        guard case .refused(.rcpt, let reply, _) = dialogue.outcome(.init(failure: reset, isHandedOver: false, isReused: false)) else {
            return record(dialogue)
        }
        #expect(reply.enhancedCode == "5.1.1")
        #expect(reply.text.utf8.count < 10_000)
    }

    @Test func `lines that are no replies are passed over`() {
        var dialogue = SMTPDialogue(needs: .init())
        for line in ["", "\r\n", "x", "25", "abc def", "\u{0}\u{0}\u{0}"] { #expect(dialogue.received(Array(line.utf8)) == true) }
        #expect(!dialogue.sawGreeting)
    }

    private func play(_ text: String, recipients: Int = 1) -> SMTPDialogue {
        var needs = SMTPDialogue.Needs()
        needs.recipients = recipients
        var dialogue = SMTPDialogue(needs: needs)
        #expect(feed(&dialogue, text) == true)
        return dialogue
    }

    /// False as soon as the dialogue wants to end.
    private func feed(_ dialogue: inout SMTPDialogue, _ text: String) -> Bool {
        for line in text.split(separator: "\n") {
            let bytes = Array((line.dropFirst(2) + "\r\n").utf8)
            if line.hasPrefix(">") { dialogue.sent(bytes) } else if !dialogue.received(bytes) { return false }
        }
        return true
    }

    private func record(_ dialogue: SMTPDialogue, _ location: SourceLocation = #_sourceLocation) {
        Issue.record("unexpected outcome of \(dialogue)", sourceLocation: location)
    }
}
