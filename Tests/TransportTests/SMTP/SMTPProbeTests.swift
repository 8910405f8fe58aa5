import Synchronization
import Testing

@testable import Transport

/// A relay asked whether it would take mail, on real sockets. Waits are bounded by the suite's time limit.
@Suite(.timeLimit(.minutes(1))) struct SMTPProbeTests {
    private func relay(_ port: Int, _ security: SMTPRelay.Security = .none, user: String? = nil, password: String? = nil) -> SMTPRelay {
        SMTPRelay(host: "127.0.0.1", port: port, security: security, username: user, password: password, ehloName: "gateway.example.org")
    }

    private func probe(
        _ relay: SMTPRelay, sender: String = "no-reply@example.org", timeout: Duration = .seconds(20), ca: String? = nil
    ) async throws -> SMTPProbe {
        var configuration = SMTPTransport.Configuration()
        configuration.extraCAFile = ca
        let transport = try SMTPTransport(configuration: configuration)
        let probe = await transport.probe(sender: sender, via: relay, timeout: timeout)
        await transport.shutdown(grace: .seconds(5))
        return probe
    }

    private func commands(_ server: MailServer) -> [String] { server.record.commands.map(\.line) }

    @Test func `a probe names the sender, takes it back, and names no recipient`() async throws {
        try await MailServer.run { server, port in
            let probe = try await probe(relay(port))
            guard case .taken = probe.ending else {
                Issue.record("\(probe)")
                return
            }
            #expect(probe.answers.map(\.stage) == [.greeting, .ehlo, .noop, .mail, .reset])
            #expect(probe.answers.map(\.reply.code) == [220, 250, 250, 250, 250])
            #expect(!probe.isEncrypted)
            await server.wait { $0.open == 0 }
            #expect(
                commands(server) == ["EHLO gateway.example.org", "NOOP", "MAIL FROM:<no-reply@example.org> SIZE=16384", "RSET", "QUIT"])
            #expect(server.record.connections == 1 && server.record.messages.isEmpty)
        }
    }

    @Test func `what the relay did not announce is not said`() async throws {
        try await MailServer.run(MailServer.Options(extensions: [])) { server, port in
            _ = try await probe(relay(port), sender: "a%41b@example.org")
            #expect(commands(server).contains("MAIL FROM:<a%41b@example.org>"))
        }
        try await MailServer.run(MailServer.Options(extensions: ["8BITMIME"])) { server, port in
            let probe = try await probe(relay(port), sender: "jürgen@example.org")
            guard case .notOffered(.smtpUTF8) = probe.ending else {
                Issue.record("\(probe)")
                return
            }
            #expect(!commands(server).contains { $0.hasPrefix("MAIL") })
        }
        try await MailServer.run { server, port in
            _ = try await probe(relay(port), sender: "jürgen@example.org")
            #expect(commands(server).contains("MAIL FROM:<jürgen@example.org> SIZE=16384 SMTPUTF8"))
        }
    }

    @Test func `TLS and login come before the sender, and each reply is kept`() async throws {
        let certificates = try MailServerCertificates.shared.get()
        let options = MailServer.Options(offersStartTLS: true, certificates: certificates, credentials: ("user", "secret"))
        try await MailServer.run(options) { server, port in
            let probe = try await probe(relay(port, .starttls, user: "user", password: "secret"), ca: certificates.authorityFile)
            guard case .taken = probe.ending else {
                Issue.record("\(probe)")
                return
            }
            #expect(probe.answers.map(\.stage) == [.greeting, .ehlo, .starttls, .ehlo, .auth, .noop, .mail, .reset])
            #expect(probe.isEncrypted)
        }
        try await MailServer.run(MailServer.Options(isImplicitTLS: true, certificates: certificates)) { _, port in
            let probe = try await probe(relay(port, .implicit), ca: certificates.authorityFile)
            #expect(probe.isEncrypted && probe.answers.last?.stage == .reset)
        }
    }

    @Test(arguments: [
        ("NOOP", "421 4.3.2 Closing", SMTPStage.noop, 421), ("MAIL", "550 5.7.1 Not you", .mail, 550),
        ("MAIL", "553 5.1.8 No such domain", .mail, 553),
        ("MAIL", "451 4.3.0 Later", .mail, 451), ("EHLO", "554 5.7.1 Go away", .ehlo, 554),
    ])
    func `a refusal is told with its stage`(verb: String, reply: String, stage: SMTPStage, code: Int) async throws {
        let script: MailServer.Script = { event, _ in
            guard case .command(let line) = event else { return nil }
            return line.hasPrefix(verb) || (verb == "EHLO" && line.hasPrefix("HELO")) ? [.reply(reply)] : nil
        }
        try await MailServer.run(script: script) { server, port in
            let probe = try await probe(relay(port))
            guard case .refused(let refusedAt, let answer) = probe.ending else {
                Issue.record("\(probe)")
                return
            }
            #expect(refusedAt == stage && answer.code == code)
            #expect(!commands(server).contains { $0.hasPrefix("RCPT") || $0.hasPrefix("DATA") })
        }
    }

    @Test func `a refused RSET takes nothing from a sender that was taken`() async throws {
        let script: MailServer.Script = { event, _ in if case .command("RSET") = event { [.reply("502 5.5.1 What?")] } else { nil } }
        try await MailServer.run(script: script) { _, port in
            guard case .taken = try await probe(relay(port)).ending else {
                Issue.record("not taken")
                return
            }
        }
    }

    @Test(arguments: ["a@example.org>\r\nRCPT TO:<b@example.org", "a b@example.org", "a@example.org\nDATA", "<a@example.org>"])
    func `a sender that could carry a command is refused before anything is sent`(sender: String) async throws {
        try await MailServer.run { server, port in
            let probe = try await probe(relay(port), sender: sender)
            guard case .failed(let failure) = probe.ending else {
                Issue.record("\(probe)")
                return
            }
            #expect(failure.kind == .invalidRequest && !failure.message.contains(sender))
            #expect(server.record.connections == 0)
        }
    }

    @Test func `a relay that says nothing is waited for no longer than asked`() async throws {
        try await MailServer.run(script: { event, _ in if case .connected = event { [.silence] } else { nil } }) { _, port in
            let probe = try await probe(relay(port), timeout: .milliseconds(300))
            guard case .failed(let failure) = probe.ending else {
                Issue.record("\(probe)")
                return
            }
            #expect(failure.kind == .timeout)
        }
    }

    @Test func `a probe that nobody waits for any more ends, and so does one at shutdown`() async throws {
        try await MailServer.run(script: { event, _ in if case .connected = event { [.silence] } else { nil } }) { server, port in
            let transport = try SMTPTransport()
            let relay = relay(port)
            let waiting = Task { await transport.probe(sender: "a@example.org", via: relay, timeout: .seconds(50)) }
            await server.wait { $0.connections == 1 }
            waiting.cancel()
            guard case .failed(let failure) = await waiting.value.ending else {
                Issue.record("not ended")
                return
            }
            #expect(failure.kind == .shutdown || failure.kind == .timeout)
            let second = Task { await transport.probe(sender: "a@example.org", via: relay, timeout: .seconds(50)) }
            await server.wait { $0.connections == 2 }
            await transport.shutdown(grace: .milliseconds(50))
            guard case .failed = await second.value.ending else {
                Issue.record("not ended")
                return
            }
            guard case .failed(let late) = await transport.probe(sender: "a@example.org", via: relay, timeout: .seconds(50)).ending else {
                Issue.record("a probe after shutdown")
                return
            }
            #expect(late.kind == .local)
        }
    }

    @Test func `a probe disturbs no mail of the same relay`() async throws {
        let gate = MailServer.Gate()
        let script: MailServer.Script = { event, _ in
            if case .message = event { [.replyAfter(gate, "250 2.0.0 Ok")] } else { nil }
        }
        try await MailServer.run(script: script) { server, port in
            let transport = try SMTPTransport()
            var relay = relay(port)
            relay.maxConnections = 1
            async let sent = transport.send(
                SMTPMail(sender: "s@example.org", recipients: ["r@example.org"], message: Array("Subject: t\r\n\r\nx\r\n".utf8)), via: relay,
                timeout: .seconds(30))
            await server.wait { $0.messages.count == 1 }
            guard case .taken = await transport.probe(sender: "s@example.org", via: relay, timeout: .seconds(20)).ending else {
                Issue.record("the probe waited for the mail")
                return
            }
            gate.open()
            guard case .answered(_, let reply) = await sent else {
                Issue.record("the mail did not arrive")
                return
            }
            #expect(reply.code == 250)
            await transport.shutdown(grace: .seconds(5))
        }
    }
}
