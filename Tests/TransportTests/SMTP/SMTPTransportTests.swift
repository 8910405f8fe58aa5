import Synchronization
import Testing

@testable import Transport

/// Against a server on a real socket. `wait` and `timeout` are bounded by the suite's time limit; nothing here sleeps.
@Suite(.timeLimit(.minutes(1))) struct SMTPTransportTests {
    // MARK: What goes out

    @Test func `a mail arrives as it was given, and the reply tells its queue id`() async throws {
        try await MailServer.run { server, port in
            let outcome = await once(mail("Hello\r\n"), relay(port))
            guard case .answered(let recipients, let reply) = outcome else { return unexpected(outcome) }
            #expect(recipients == [SMTPReply(code: 250, enhancedCode: "2.1.5", text: "Ok")])
            #expect(reply == SMTPReply(code: 250, enhancedCode: "2.0.0", text: "Ok: queued as 4TxYz1"))
            #expect(server.record.messages == [Array("Subject: t\r\n\r\nHello\r\n".utf8)])
            let commands = server.record.commands.map(\.line)
            #expect(commands.contains("EHLO gateway.example.org"))
            #expect(commands.contains { $0.hasPrefix("MAIL FROM:<sender@example.org> SIZE=") })
            #expect(commands.contains("RCPT TO:<r@example.org>"))
        }
    }

    @Test func `lines that begin with a dot arrive whole, however many there are`() async throws {
        try await MailServer.run { server, port in
            // Enough dots that what goes over the wire crosses the announced size in the middle of libcurl's buffers.
            let body = String(repeating: ".\r\n..a\r\n", count: 20_000)
            let outcome = await once(mail(body), relay(port))
            guard case .answered(_, let reply) = outcome else { return unexpected(outcome) }
            #expect(reply.code == 250)
            #expect(server.record.messages == [Array("Subject: t\r\n\r\n\(body)".utf8)])
            #expect(!server.record.commands.contains { $0.line.contains("SIZE=") })
        }
    }

    @Test(arguments: [
        "a@example.org>\r\nRCPT TO:<b@example.org", "a@example.org\nDATA", "a b@example.org", "<a@example.org>", "a\u{0}@example.org",
        "a\u{7f}@example.org",
        "a\u{85}b@example.org", "a\u{2028}b@example.org", "", String(repeating: "a", count: 250) + "@b.cc",
    ])
    func `an address that could carry a command is refused before anything is sent`(address: String) async throws {
        try await MailServer.run { server, port in
            var asRecipient = mail("x\r\n")
            asRecipient.recipients = ["good@example.org", address]
            var asSender = mail("x\r\n")
            asSender.sender = address
            for mail in address.isEmpty ? [asRecipient] : [asRecipient, asSender] {
                let outcome = await once(mail, relay(port))
                guard case .notSent(let failure) = outcome else { return unexpected(outcome) }
                #expect(failure.kind == .invalidRequest)
                #expect(address.isEmpty || !failure.message.contains(address))
            }
            #expect(server.record.connections == 0)
        }
    }

    @Test(arguments: ["a\nb\r\n", "a\r.\r\n", "a\u{0}\r\n", "end\r", "\n.\n"])
    func `a message with line ends that another server may read differently is refused`(body: String) async throws {
        try await MailServer.run { server, port in
            let outcome = await once(mail(body), relay(port))
            guard case .notSent(let failure) = outcome else { return unexpected(outcome) }
            #expect(failure.kind == .invalidRequest)
            #expect(server.record.connections == 0)
        }
    }

    @Test(arguments: ["relay.example/x", "relay@evil", "bücher.example", "a b", ""])
    func `a relay's name that a URL would read differently is refused`(host: String) async throws {
        let outcome = await once(mail("x\r\n"), SMTPRelay(host: host, port: 25, security: .none))
        guard case .notSent(let failure) = outcome else { return unexpected(outcome) }
        #expect(failure.kind == .invalidRequest)
    }

    // MARK: TLS and login

    @Test func `STARTTLS and a login come before the mail`() async throws {
        let certificates = try MailServerCertificates.shared.get()
        let options = MailServer.Options(offersStartTLS: true, certificates: certificates, credentials: ("user", "pässword"))
        try await MailServer.run(options) { server, port in
            let outcome = await once(mail("x\r\n"), relay(port, .starttls, user: "user", password: "pässword"), ca: certificates.authorityFile)
            guard case .answered(_, let reply) = outcome else { return unexpected(outcome) }
            #expect(reply.code == 250)
            let verbs = server.record.commands.map { $0.line.prefix { $0 != " " } }
            #expect(verbs.prefix(6) == ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RCPT"])
        }
    }

    @Test func `implicit TLS carries a mail`() async throws {
        let certificates = try MailServerCertificates.shared.get()
        try await MailServer.run(MailServer.Options(isImplicitTLS: true, certificates: certificates)) { _, port in
            let outcome = await once(mail("x\r\n"), relay(port, .implicit), ca: certificates.authorityFile)
            guard case .answered(_, let reply) = outcome else { return unexpected(outcome) }
            #expect(reply.code == 250)
        }
    }

    @Test(arguments: [SMTPRelay.Security.starttls, .implicit])
    func `a certificate that nobody vouches for ends the attempt before the mail`(security: SMTPRelay.Security) async throws {
        let certificates = try MailServerCertificates.shared.get()
        let options = MailServer.Options(offersStartTLS: true, isImplicitTLS: security == .implicit, certificates: certificates)
        try await MailServer.run(options) { server, port in
            let outcome = await once(mail("x\r\n"), relay(port, security))
            guard case .notSent(let failure) = outcome else { return unexpected(outcome) }
            #expect(failure.kind == .tls)
            #expect(failure.code == 60)
            #expect(!server.record.commands.contains { $0.line.hasPrefix("MAIL") })
        }
    }

    @Test func `a relay without STARTTLS gets nothing in the clear`() async throws {
        try await MailServer.run { server, port in
            let outcome = await once(mail("x\r\n"), relay(port, .starttls))
            guard case .notOffered(.starttls) = outcome else { return unexpected(outcome) }
            #expect(!server.record.commands.contains { $0.line.hasPrefix("MAIL") })
        }
    }

    @Test func `a relay that puts STARTTLS off is quoted`() async throws {
        let script: MailServer.Script = { event, _ in if case .command("STARTTLS") = event { [.reply("454 4.7.0 TLS not available")] } else { nil } }
        try await MailServer.run(MailServer.Options(offersStartTLS: true), script: script) { _, port in
            let outcome = await once(mail("x\r\n"), relay(port, .starttls))
            guard case .refused(.starttls, let reply, _) = outcome else { return unexpected(outcome) }
            #expect(reply == SMTPReply(code: 454, enhancedCode: "4.7.0", text: "TLS not available"))
        }
    }

    @Test func `a wrong password is the relay's word`() async throws {
        try await MailServer.run(MailServer.Options(credentials: ("user", "right"))) { server, port in
            let outcome = await once(mail("x\r\n"), relay(port, user: "user", password: "wrong"))
            guard case .refused(.auth, let reply, _) = outcome else { return unexpected(outcome) }
            #expect(reply == SMTPReply(code: 535, enhancedCode: "5.7.8", text: "Bad credentials"))
            #expect(!server.record.commands.contains { $0.line.hasPrefix("MAIL") })
        }
    }

    @Test(arguments: [["SIZE 1000"], ["SIZE 1000", "AUTH=PLAIN"], ["AUTH X-NEVER-HEARD-OF"]])
    func `without a login to be had no mail goes out unauthenticated`(extensions: [String]) async throws {
        try await MailServer.run(MailServer.Options(extensions: extensions)) { server, port in
            let outcome = await once(mail("x\r\n"), relay(port, user: "user", password: "password"))
            guard case .notOffered(.auth) = outcome else { return unexpected(outcome) }
            #expect(!server.record.commands.contains { $0.line.hasPrefix("MAIL") })
        }
    }

    @Test func `a server that knows only HELO gets no mail from an account that has to log in`() async throws {
        let script: MailServer.Script = { event, _ in
            if case .command(let line) = event, line.hasPrefix("EHLO") { [.reply("502 5.5.1 What?")] } else { nil }
        }
        try await MailServer.run(script: script) { server, port in
            let outcome = await once(mail("x\r\n"), relay(port, user: "user", password: "password"))
            guard case .notOffered(.auth) = outcome else { return unexpected(outcome) }
            #expect(!server.record.commands.contains { $0.line.hasPrefix("MAIL") })
            let anonymous = await once(mail("x\r\n"), relay(port))
            guard case .answered = anonymous else { return unexpected(anonymous) }
        }
    }

    @Test func `an address beyond ASCII goes out only where the server can read it`() async throws {
        var international = mail("x\r\n")
        international.recipients = ["jürgen@example.org"]
        try await MailServer.run { server, port in
            let outcome = await once(international, relay(port))
            guard case .answered = outcome else { return unexpected(outcome) }
            #expect(server.record.commands.contains { $0.line.hasPrefix("MAIL FROM:<sender@example.org> ") && $0.line.contains("SMTPUTF8") })
            #expect(server.record.commands.contains { $0.line == "RCPT TO:<jürgen@example.org>" })
        }
        try await MailServer.run(MailServer.Options(extensions: ["SIZE 1000"])) { server, port in
            try await withTransport { transport in
                for _ in 1...2 {
                    let outcome = await transport.send(international, via: relay(port), timeout: .seconds(20))
                    guard case .notOffered(.smtpUTF8) = outcome else { return unexpected(outcome) }
                    // A plain one on the same relay is taken, and leaves a kept connection for the second round.
                    let plain = await transport.send(mail("x\r\n"), via: relay(port), timeout: .seconds(20))
                    guard case .answered = plain else { return unexpected(plain) }
                }
            }
            #expect(!server.record.commands.contains { $0.line.contains("jürgen") })
        }
    }

    // MARK: Refusals

    @Test(arguments: ["421 4.7.0 Too busy", "554 5.7.1 No service for you"])
    func `a greeting that turns us away is quoted`(greeting: String) async throws {
        let script: MailServer.Script = { event, _ in if case .connected = event { [.reply(greeting), .close] } else { nil } }
        try await MailServer.run(script: script) { _, port in
            let outcome = await once(mail("x\r\n"), relay(port))
            guard case .refused(.greeting, let reply, _) = outcome else { return unexpected(outcome) }
            #expect("\(reply.code) \(reply.enhancedCode ?? "") \(reply.text)" == greeting)
        }
    }

    @Test(arguments: [("MAIL", SMTPStage.mail), ("RCPT", .rcpt), ("DATA", .data)])
    func `a refusal names its stage, and all lines of the reply`(verb: String, stage: SMTPStage) async throws {
        let script: MailServer.Script = { event, _ in
            if case .command(let line) = event, line.hasPrefix(verb) {
                [.reply("550-5.7.1 Not today,\n550-5.7.1 not tomorrow.\n550 5.7.1 See https://relay.test")]
            } else {
                nil
            }
        }
        try await MailServer.run(script: script) { _, port in
            let outcome = await once(mail("x\r\n"), relay(port))
            guard case .refused(let found, let reply, _) = outcome else { return unexpected(outcome) }
            #expect(found == stage)
            #expect(reply == SMTPReply(code: 550, enhancedCode: "5.7.1", text: "Not today,\nnot tomorrow.\nSee https://relay.test"))
        }
    }

    @Test func `each recipient has its own reply, and the others get the mail`() async throws {
        let script: MailServer.Script = { event, _ in
            guard case .command(let line) = event, line.hasPrefix("RCPT") else { return nil }
            if line.contains("gone@") { return [.reply("550-5.1.1 No such user\n550 5.1.1 here")] }
            return line.contains("moved@") ? [.reply("251 User not local; will forward")] : nil
        }
        try await MailServer.run(script: script) { server, port in
            var mail = mail("x\r\n")
            mail.recipients = ["a@example.org", "gone@example.org", "moved@example.org"]
            let outcome = await once(mail, relay(port))
            guard case .answered(let recipients, let reply) = outcome else { return unexpected(outcome) }
            #expect(recipients.map(\.code) == [250, 550, 251])
            #expect(recipients[1] == SMTPReply(code: 550, enhancedCode: "5.1.1", text: "No such user\nhere"))
            #expect(reply.code == 250)
            mail.recipients = ["gone@example.org", "gone@example.com"]
            let refused = await once(mail, relay(port))
            guard case .refused(.rcpt, let last, let all) = refused else { return unexpected(refused) }
            #expect(last.code == 550)
            #expect(all.map(\.code) == [550, 550])
            #expect(server.record.messages.count == 1)
        }
    }

    @Test(arguments: [251, 252, 299])
    func `any 2xx after the final dot is a success, though libcurl calls it an error`(code: Int) async throws {
        let script: MailServer.Script = { event, _ in if case .message = event { [.reply("\(code) Ok")] } else { nil } }
        try await MailServer.run(script: script) { _, port in
            let outcome = await once(mail("x\r\n"), relay(port))
            guard case .answered(_, let reply) = outcome else { return unexpected(outcome) }
            #expect(reply == SMTPReply(code: code, text: "Ok"))
        }
    }

    @Test(arguments: ["451 4.3.0 Later", "554 5.7.1 Spam", "552 5.3.4 Too big"])
    func `a refusal after the final dot is an answer`(reply: String) async throws {
        let script: MailServer.Script = { event, _ in if case .message = event { [.reply(reply)] } else { nil } }
        try await MailServer.run(script: script) { _, port in
            let outcome = await once(mail("x\r\n"), relay(port))
            guard case .answered(_, let final) = outcome else { return unexpected(outcome) }
            #expect("\(final.code) \(final.enhancedCode ?? "") \(final.text)" == reply)
        }
    }

    // MARK: No answer

    @Test func `a connection lost after the final dot is an unknown outcome`() async throws {
        let script: MailServer.Script = { event, _ in if case .message = event { [.close] } else { nil } }
        try await MailServer.run(script: script) { server, port in
            let outcome = await once(mail("x\r\n"), relay(port))
            guard case .unknown(let failure) = outcome else { return unexpected(outcome) }
            #expect(failure.kind == .reset)
            #expect(server.record.messages.count == 1)
        }
    }

    @Test(arguments: ["EHLO", "MAIL", "RCPT", "DATA"])
    func `a connection lost before the content has sent nothing`(verb: String) async throws {
        let script: MailServer.Script = { event, _ in if case .command(let line) = event, line.hasPrefix(verb) { [.close] } else { nil } }
        try await MailServer.run(script: script) { server, port in
            let outcome = await once(mail("x\r\n"), relay(port))
            guard case .notSent(let failure) = outcome else { return unexpected(outcome) }
            #expect(failure.kind == .reset)
            #expect(server.record.messages.isEmpty)
        }
    }

    @Test func `a relay that is silent after the final dot costs the attempt's time and no more`() async throws {
        let script: MailServer.Script = { event, _ in if case .message = event { [.silence] } else { nil } }
        try await MailServer.run(script: script) { _, port in
            let start = ContinuousClock.now
            let outcome = await once(mail("x\r\n"), relay(port), timeout: .milliseconds(700))
            guard case .unknown(let failure) = outcome else { return unexpected(outcome) }
            #expect(failure.kind == .timeout)
            #expect(ContinuousClock.now - start < .seconds(5))
        }
    }

    @Test(arguments: ["EHLO", "MAIL", "RCPT", "DATA"])
    func `a relay that is silent before the content has got nothing`(verb: String) async throws {
        let script: MailServer.Script = { event, _ in if case .command(let line) = event, line.hasPrefix(verb) { [.silence] } else { nil } }
        try await MailServer.run(script: script) { _, port in
            let start = ContinuousClock.now
            let outcome = await once(mail("x\r\n"), relay(port), timeout: .milliseconds(500))
            guard case .notSent(let failure) = outcome else { return unexpected(outcome) }
            #expect(failure.kind == .timeout)
            #expect(ContinuousClock.now - start < .seconds(5))
        }
    }

    @Test func `a farewell that nobody answers doesn't hold the thread`() async throws {
        let script: MailServer.Script = { event, _ in
            switch event {
            case .command("QUIT"): [.silence]
            case .command(let line) where line.hasPrefix("RCPT"): [.reply("550 5.1.1 No")]
            default: nil
            }
        }
        try await MailServer.run(script: script) { _, port in
            let start = ContinuousClock.now
            let outcome = await once(mail("x\r\n"), relay(port), timeout: .seconds(50))
            guard case .refused = outcome else { return unexpected(outcome) }
            #expect(ContinuousClock.now - start < .seconds(5))
        }
    }

    @Test func `nobody there is not sent`() async throws {
        let port = try await MailServer.run { _, port in port }
        let outcome = await once(mail("x\r\n"), relay(port))
        guard case .notSent(let failure) = outcome else { return unexpected(outcome) }
        #expect(failure.kind == .connect)
    }

    // MARK: Connections

    @Test func `a connection is kept for the next mail, after a refusal of the content too`() async throws {
        let count = Mutex(0)
        let script: MailServer.Script = { event, _ in
            guard case .message = event else { return nil }
            return count.withLock { count in
                count += 1
                return count == 2 ? [.reply("554 5.7.1 Spam")] : nil
            }
        }
        try await MailServer.run(script: script) { server, port in
            try await withTransport { transport in
                for _ in 1...5 {
                    let outcome = await transport.send(mail("x\r\n"), via: relay(port), timeout: .seconds(20))
                    guard case .answered = outcome else { return unexpected(outcome) }
                }
            }
            #expect(server.record.connections == 1)
            #expect(server.record.messages.count == 5)
        }
    }

    @Test func `a kept connection that the relay gives up at MAIL is stale, and the next mail opens a new one`() async throws {
        for last: [MailServer.Action] in [[.close], [.reply("421 4.4.2 Idle for too long"), .close]] {
            let mails = Mutex(0)
            let script: MailServer.Script = { event, connection in
                guard case .command(let line) = event, line.hasPrefix("MAIL"), connection == 1 else { return nil }
                return mails.withLock { mails in
                    mails += 1
                    return mails == 2 ? last : nil
                }
            }
            try await MailServer.run(script: script) { server, port in
                try await withTransport { transport in
                    _ = await transport.send(mail("1\r\n"), via: relay(port), timeout: .seconds(20))
                    let second = await transport.send(mail("2\r\n"), via: relay(port), timeout: .seconds(20))
                    guard case .stale(let failure) = second else { return unexpected(second) }
                    #expect(failure.kind == .reset)
                    let third = await transport.send(mail("3\r\n"), via: relay(port), timeout: .seconds(20))
                    guard case .answered = third else { return unexpected(third) }
                }
                #expect(server.record.connections == 2)
                #expect(server.record.messages.count == 2)
            }
        }
    }

    @Test func `421 at MAIL on a new connection is the relay's answer to this mail`() async throws {
        let script: MailServer.Script = { event, _ in
            if case .command(let line) = event, line.hasPrefix("MAIL") { [.reply("421 4.7.0 Slow down"), .close] } else { nil }
        }
        try await MailServer.run(script: script) { _, port in
            let outcome = await once(mail("x\r\n"), relay(port))
            guard case .refused(.mail, let reply, _) = outcome else { return unexpected(outcome) }
            #expect(reply.code == 421)
        }
    }

    @Test func `a relay gets as many connections as it allows, and no more`() async throws {
        let gate = MailServer.Gate()
        let script: MailServer.Script = { event, _ in if case .message = event { [.replyAfter(gate, "250 Ok")] } else { nil } }
        try await MailServer.run(script: script) { server, port in
            var relay = relay(port)
            relay.maxConnections = 3
            try await withTransport { [relay] transport in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 1...12 {
                        group.addTask {
                            let outcome = await transport.send(mail("x\r\n"), via: relay, timeout: .seconds(20))
                            guard case .answered = outcome else { return unexpected(outcome) }
                        }
                    }
                    await server.wait { $0.messages.count == 3 }
                    gate.open()
                    try await group.waitForAll()
                }
            }
            #expect(server.record.messages.count == 12)
            #expect(server.record.mostOpen == 3)
            #expect(server.record.connections == 3)
        }
    }

    @Test func `a mail that finds no free connection in time has not been sent, and one that is withdrawn leaves at once`() async throws {
        let gate = MailServer.Gate()
        let script: MailServer.Script = { event, _ in if case .message = event { [.replyAfter(gate, "250 Ok")] } else { nil } }
        try await MailServer.run(script: script) { server, port in
            var relay = relay(port)
            relay.maxConnections = 1
            try await withTransport { [relay] transport in
                async let first = transport.send(mail("1\r\n"), via: relay, timeout: .seconds(20))
                await server.wait { $0.messages.count == 1 }
                let second = await transport.send(mail("2\r\n"), via: relay, timeout: .milliseconds(50))
                guard case .notSent(let late) = second else { return unexpected(second) }
                #expect(late.kind == .local)
                let third = Task { await transport.send(mail("3\r\n"), via: relay, timeout: .seconds(30)) }
                third.cancel()
                guard case .notSent(let withdrawn) = await third.value else { return unexpected(second) }
                #expect(withdrawn.kind == .cancelled)
                gate.open()
                guard case .answered = await first else { return unexpected(await first) }
            }
            #expect(server.record.messages.count == 1)
        }
    }

    @Test func `shutdown lets a running mail finish, turns away what waits and what comes later`() async throws {
        let gate = MailServer.Gate()
        let script: MailServer.Script = { event, _ in if case .message = event { [.replyAfter(gate, "250 Ok")] } else { nil } }
        try await MailServer.run(script: script) { server, port in
            var relay = relay(port)
            relay.maxConnections = 1
            let transport = try SMTPTransport()
            async let running = transport.send(mail("1\r\n"), via: relay, timeout: .seconds(30))
            await server.wait { $0.messages.count == 1 }
            let waiting = Task { [relay] in await transport.send(mail("2\r\n"), via: relay, timeout: .seconds(30)) }
            async let down: Void = transport.shutdown(grace: .seconds(30))
            guard case .notSent(let failure) = await waiting.value else { return unexpected(await waiting.value) }
            #expect(failure.kind == .shutdown)
            let later = await transport.send(mail("3\r\n"), via: relay, timeout: .seconds(30))
            guard case .notSent(let refused) = later else { return unexpected(later) }
            #expect(refused.kind == .shutdown)
            gate.open()
            guard case .answered = await running else { return unexpected(await running) }
            await down
            await transport.shutdown(grace: .zero)
            await server.wait { $0.open == 0 }
            #expect(server.record.messages.count == 1)
        }
    }

    @Test func `shutdown ends what is still running when its grace is over`() async throws {
        let script: MailServer.Script = { event, _ in if case .message = event { [.silence] } else { nil } }
        try await MailServer.run(script: script) { server, port in
            let transport = try SMTPTransport()
            let relay = relay(port)
            async let running = transport.send(mail("1\r\n"), via: relay, timeout: .seconds(50))
            await server.wait { $0.messages.count == 1 }
            await transport.shutdown(grace: .milliseconds(10))
            guard case .unknown(let failure) = await running else { return unexpected(await running) }
            #expect(failure.kind == .shutdown)
        }
    }

    @Test func `idle connections are ended with QUIT when their relay is no longer used`() async throws {
        try await MailServer.run { server, port in
            try await withTransport { transport in
                _ = await transport.send(mail("x\r\n"), via: relay(port), timeout: .seconds(20))
                // The thread is idle a moment after its caller has the answer; a connection that it still holds then is closed by shutdown at the latest.
                transport.closeIdleConnections(to: relay(port))
                await server.wait { $0.open == 0 }
            }
            #expect(server.record.commands.last?.line == "QUIT")
        }
    }

    @Test func `an unused connection is given up after a while`() async throws {
        var configuration = SMTPTransport.Configuration()
        configuration.keepIdle = .milliseconds(100)
        try await MailServer.run { [configuration] server, port in
            try await withTransport(configuration) { transport in
                _ = await transport.send(mail("x\r\n"), via: relay(port), timeout: .seconds(20))
                await server.wait { $0.open == 0 }
            }
            #expect(server.record.connections == 1)
        }
    }

    // MARK: Parts

    private func mail(_ body: String) -> SMTPMail {
        SMTPMail(sender: "sender@example.org", recipients: ["r@example.org"], message: Array("Subject: t\r\n\r\n\(body)".utf8))
    }

    private func relay(_ port: Int, _ security: SMTPRelay.Security = .none, user: String? = nil, password: String? = nil) -> SMTPRelay {
        SMTPRelay(host: "127.0.0.1", port: port, security: security, username: user, password: password, ehloName: "gateway.example.org")
    }

    /// One mail through a transport of its own.
    private func once(_ mail: SMTPMail, _ relay: SMTPRelay, timeout: Duration = .seconds(20), ca: String? = nil) async -> SMTPOutcome {
        var configuration = SMTPTransport.Configuration()
        configuration.extraCAFile = ca
        do {
            return try await withTransport(configuration) { await $0.send(mail, via: relay, timeout: timeout) }
        } catch {
            return .notSent(TransportFailure(kind: .local, message: "\(error)"))
        }
    }

    private func withTransport<Result>(
        _ configuration: SMTPTransport.Configuration = .init(), _ body: (SMTPTransport) async throws -> Result
    ) async throws -> Result {
        let transport = try SMTPTransport(configuration: configuration)
        let result = try await body(transport)
        await transport.shutdown(grace: .seconds(5))
        return result
    }

    private func unexpected(_ outcome: SMTPOutcome, _ location: SourceLocation = #_sourceLocation) {
        Issue.record("unexpected outcome: \(outcome)", sourceLocation: location)
    }
}
