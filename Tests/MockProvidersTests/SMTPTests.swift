import Foundation
import Testing

@testable import MockProviders

@Suite("SMTP") struct SMTPTests {
    /// A conversation up to the point where mail may be sent: EHLO, STARTTLS, EHLO, AUTH PLAIN.
    private static func open(_ mocks: MockProviders) async throws -> LineClient {
        let client = try await LineClient(port: mocks.smtpPort)
        #expect(try await client.reply().hasPrefix("220 "))
        #expect(try await client.say("EHLO test.example").contains("STARTTLS"))
        #expect(try await client.say("STARTTLS").hasPrefix("220 "))
        try await client.startTLS(ca: mocks.certificate)
        #expect(try await client.say("EHLO test.example").contains("AUTH PLAIN LOGIN"))
        let credentials = try ClientCredentials(of: mocks)
        let plain = try "\0\(credentials.value("username", in: "smtp.json"))\0\(credentials.value("password", in: "smtp.json"))"
        #expect(try await client.say("AUTH PLAIN \(Data(plain.utf8).base64EncodedString())").hasPrefix("235 2.7.0"))
        return client
    }

    private static func send(_ client: LineClient, to mailbox: String, _ text: String = "Subject: x\r\n\r\nhello\r\n") async throws -> [String] {
        var replies = [try await client.say("MAIL FROM:<a@example.org>")]
        replies.append(try await client.say("RCPT TO:<\(mailbox)>"))
        guard replies[1].hasPrefix("250") else { return replies }
        replies.append(try await client.say("DATA"))
        guard replies[2].hasPrefix("354") else { return replies }
        replies.append(try await client.say(text + "."))
        return replies
    }

    @Test(arguments: [("smtp", true), ("smtps", false)])
    func `curl delivers over STARTTLS and over TLS, with a password`(scheme: String, upgrades: Bool) async throws {
        try await withMockProviders { mocks in
            let credentials = try ClientCredentials(of: mocks)
            let port = upgrades ? mocks.smtpPort : mocks.smtpsPort
            let mail = "Message-ID: <1@example.org>\r\nSubject: =?utf-8?B?R3LDvMOfZQ==?=\r\n\r\nHello\r\n.hidden dot\r\n"
            let user = try "\(credentials.value("username", in: "smtp.json")):\(credentials.value("password", in: "smtp.json"))"
            let answer = try await Curl.run(
                ca: mocks.caFile,
                (upgrades ? ["--ssl-reqd"] : []) + [
                    "-u", user, "--mail-from", "a@example.org", "--mail-rcpt", "b@example.org", "-T", "-",
                    "\(scheme)://localhost:\(port)/test.example",
                ], input: mail)
            #expect(answer.exit == 0)
            let message = try #require(try await mocks.waitForMessages(MessageFilter(provider: .smtp)).first)
            #expect(message.target == "b@example.org" && message.sender == "a@example.org" && message.id == "<1@example.org>")
            #expect(String(decoding: message.payload, as: UTF8.self) == mail)
            #expect(MailContent(message.payload).subject == "Grüße")
        }
    }

    @Test func `nothing goes without AUTH, and no AUTH without TLS`() async throws {
        try await withMockProviders { mocks in
            let client = try await LineClient(port: mocks.smtpPort)
            _ = try await client.reply()
            let clear = try await client.say("EHLO test.example")
            #expect(!clear.contains("AUTH"))
            for capability in ["SIZE ", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "PIPELINING"] { #expect(clear.contains(capability)) }
            #expect(try await client.say("MAIL FROM:<a@example.org>").hasPrefix("530 5.7.0"))
            #expect(try await client.say("AUTH PLAIN AGEAYg==").hasPrefix("538 5.7.11"))
            await client.close()
        }
    }

    @Test func `a wrong password is 535, AUTH LOGIN works, and a broken answer ends the attempt`() async throws {
        try await withMockProviders { mocks in
            let client = try await LineClient(port: mocks.smtpPort)
            _ = try await client.reply()
            _ = try await client.say("EHLO test.example")
            _ = try await client.say("STARTTLS")
            try await client.startTLS(ca: mocks.certificate)
            _ = try await client.say("EHLO test.example")
            #expect(try await client.say("AUTH PLAIN AGEAYg==").hasPrefix("535 5.7.8"))
            #expect(try await client.say("AUTH CRAM-MD5").hasPrefix("504"))
            #expect(try await client.say("AUTH LOGIN") == "334 VXNlcm5hbWU6")
            #expect(try await client.say("*").hasPrefix("501"))
            let credentials = try ClientCredentials(of: mocks)
            _ = try await client.say("AUTH LOGIN")
            #expect(try await client.say(Data(credentials.value("username", in: "smtp.json").utf8).base64EncodedString()) == "334 UGFzc3dvcmQ6")
            #expect(try await client.say(Data(credentials.value("password", in: "smtp.json").utf8).base64EncodedString()).hasPrefix("235"))
            await client.close()
        }
    }

    @Test(arguments: ["XOAUTH2", "OAUTHBEARER"])
    func `a bearer does instead of a password, and a wrong one is told so before it is refused`(mechanism: String) async throws {
        try await withMockProviders { mocks in
            let password = try ClientCredentials(of: mocks).text("smtp-password")
            let client = try await LineClient(port: mocks.smtpsPort, ca: mocks.certificate)
            _ = try await client.reply()
            #expect(try await client.say("EHLO test.example").contains("AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER"))
            func words(_ bearer: String) -> String {
                let user = mechanism == "XOAUTH2" ? "user=mock" : "n,a=mock,\u{1}host=localhost\u{1}port=465"
                return Data("\(user)\u{1}auth=Bearer \(bearer)\u{1}\u{1}".utf8).base64EncodedString()
            }
            let refusal = try await client.say("AUTH \(mechanism) \(words("wrong"))")
            let details = Data(base64Encoded: String(refusal.dropFirst(4))).map { String(decoding: $0, as: UTF8.self) }
            #expect(refusal.hasPrefix("334 ") && details?.contains("invalid_token") == true)
            #expect(try await client.say(mechanism == "XOAUTH2" ? "" : "AQ==").hasPrefix("535 5.7.8"))
            #expect(try await client.say("AUTH \(mechanism)") == "334 ")
            #expect(try await client.say("bm9uc2Vuc2U=").hasPrefix("501"))
            #expect(try await client.say("AUTH \(mechanism)") == "334 ")
            #expect(try await client.say(words(password)).hasPrefix("235"))
            #expect(try await Self.send(client, to: "anna@example.org").last?.hasPrefix("250") == true)
            #expect(mocks.messages().first?.dialogue.contains { $0.contains(password) } == false)
            await client.close()
        }
    }

    @Test func `commands slipped in behind STARTTLS are dropped`() async throws {
        try await withMockProviders { mocks in
            let client = try await LineClient(port: mocks.smtpPort)
            _ = try await client.reply()
            _ = try await client.say("EHLO test.example")
            try await client.raw("STARTTLS\r\nNOOP\r\n")
            #expect(try await client.reply().hasPrefix("220"))
            try await client.startTLS(ca: mocks.certificate)
            #expect(try await client.say("EHLO test.example").hasPrefix("250-mock-providers"), "not the answer to NOOP")
            await client.close()
        }
    }

    @Test func `each mailbox answers as its name says`() async throws {
        try await withMockProviders { mocks in
            let client = try await Self.open(mocks)
            let rows = [
                ("perm-fail", "550 5.1.1"), ("temp-fail", "451 4.3.0"), ("no-domain", "550 5.1.2"), ("disabled", "550 5.2.1"), ("full", "452 4.2.2"),
                ("over-quota", "552 5.2.2"), ("rate-limited", "450 4.2.1"), ("relay-denied", "550 5.7.1"), ("spam", "550 5.7.1"),
                ("unsigned", "550 5.7.26"), ("too-big", "552 5.3.4"), ("rcpt-553-5.1.3", "553 5.1.3"), ("data-554-5.5.1", "554 5.5.1"),
                ("dot-451-4.7.1", "451 4.7.1"), ("greylist", "451 4.7.1"), ("rcpt-450", "450 "),
            ]
            for (name, reply) in rows {
                let replies = try await Self.send(client, to: "\(name)@example.org")
                #expect(replies.last?.hasPrefix(reply) == true, "\(name): \(replies)")
                _ = try await client.say("RSET")
            }
            #expect(mocks.count() == 0)
            let once = try await Self.send(client, to: "temp-fail-x1+note@example.org")
            #expect(once.last?.hasPrefix("451") == true)
            _ = try await client.say("RSET")
            let twice = try await Self.send(client, to: "temp-fail-x1+note@example.org")
            #expect(twice.last?.hasPrefix("250 2.0.0") == true)
            await client.close()
        }
    }

    @Test func `one refused recipient leaves the others`() async throws {
        try await withMockProviders { mocks in
            let client = try await Self.open(mocks)
            _ = try await client.say("MAIL FROM:<a@example.org>")
            #expect(try await client.say("RCPT TO:<perm-fail@example.org>").hasPrefix("550"))
            #expect(try await client.say("RCPT TO:<b@example.org>").hasPrefix("250"))
            _ = try await client.say("DATA")
            #expect(try await client.say("Subject: x\r\n\r\nhello\r\n.").hasPrefix("250"))
            #expect(mocks.messages().map(\.target) == ["b@example.org"])
            #expect(mocks.messages(MessageFilter(accepted: false)).map(\.reason) == ["5.1.1"])
            await client.close()
        }
    }

    @Test func `greylisting ends with time`() async throws {
        let clock = ManualClock()
        try await withMockProviders(clock: MockClock { clock.now }) { mocks in
            let client = try await Self.open(mocks)
            for expected in ["451", "451"] {
                #expect(try await Self.send(client, to: "greylist@example.org").last?.hasPrefix(expected) == true)
                _ = try await client.say("RSET")
            }
            clock.advance(by: .seconds(301))
            #expect(try await Self.send(client, to: "greylist@example.org").last?.hasPrefix("250") == true)
            await client.close()
        }
    }

    @Test func `bare line feeds and lines too long are refused`() async throws {
        try await withMockProviders { mocks in
            let client = try await Self.open(mocks)
            let smuggled = try await Self.send(client, to: "b@example.org", "Subject: x\r\n\r\nhello\n.\nMAIL FROM:<c@example.org>\r\n")
            #expect(smuggled.last?.hasPrefix("550 5.6.11") == true)
            #expect(mocks.messages(MessageFilter(accepted: false)).map(\.hasBareLineEnds) == [true])
            let long = try await Self.send(client, to: "b@example.org", "Subject: x\r\n\r\n\(String(repeating: "y", count: 999))\r\n")
            #expect(long.last?.hasPrefix("550 5.6.0") == true)
            let exact = try await Self.send(client, to: "b@example.org", "Subject: x\r\n\r\n\(String(repeating: "y", count: 998))\r\n")
            #expect(exact.last?.hasPrefix("250") == true)
            await client.close()
        }
    }

    @Test func `commands are held to the grammar`() async throws {
        var configuration = MockConfiguration.ephemeral
        configuration.smtp.maximumSize = 1000
        configuration.smtp.maximumRecipients = 1
        try await withMockProviders(configuration) { mocks in
            let client = try await Self.open(mocks)
            let dialogue = [
                ("RCPT TO:<b@example.org>", "503 5.5.1"), ("DATA", "503 5.5.1"), ("MAIL FROM:a@example.org", "501 5.5.4"),
                ("MAIL FROM:<a b@example.org>", "553 5.1.7"), ("MAIL FROM:<a@example.org> SIZE=1001", "552 5.3.4"),
                ("MAIL FROM:<a@example.org> COLOUR=red", "555 5.5.4"), ("MAIL FROM:<jörg@example.org>", "553 5.6.7"),
                ("MAIL FROM:<jörg@example.org> SMTPUTF8 BODY=8BITMIME SIZE=10", "250 2.1.0"), ("MAIL FROM:<a@example.org>", "503 5.5.1"),
                ("DATA", "554 5.5.1"), ("RCPT TO:<nobody>", "553 5.1.3"), ("RCPT TO:<b@example.org>", "250 2.1.5"),
                ("RCPT TO:<c@example.org>", "452 4.5.3"), ("FROBNICATE", "500 5.5.1"), ("VRFY b", "252"), ("NOOP", "250"), ("RSET", "250"),
                ("MAIL FROM:<>", "250"), ("QUIT", "221 2.0.0"),
            ]
            for (command, reply) in dialogue {
                let answer = try await client.say(command)
                #expect(answer.hasPrefix(reply), "\(command): \(answer)")
            }
            #expect(try await client.reply().isEmpty, "the server hangs up")
        }
    }

    @Test func `a lost answer after the dot leaves an accepted mail`() async throws {
        try await withMockProviders { mocks in
            mocks.script(Script(provider: .smtp, target: "b@example.org", times: 1, answer: ScriptedAnswer(fault: .closeAfterBody)))
            let client = try await Self.open(mocks)
            #expect(try await Self.send(client, to: "b@example.org").last?.isEmpty == true)
            #expect(mocks.messages().map(\.fault) == [.closeAfterBody])
        }
    }

    @Test func `every step can be scripted`() async throws {
        try await withMockProviders { mocks in
            mocks.script(Script(provider: .smtp, stage: .mail, times: 1, answer: ScriptedAnswer(status: 451, reason: "4.3.0", body: "Later")))
            mocks.script(Script(provider: .smtp, stage: .auth, times: 1, answer: ScriptedAnswer(status: 454, reason: "4.7.0")))
            let client = try await LineClient(port: mocks.smtpPort)
            _ = try await client.reply()
            _ = try await client.say("EHLO test.example")
            _ = try await client.say("STARTTLS")
            try await client.startTLS(ca: mocks.certificate)
            _ = try await client.say("EHLO test.example")
            #expect(try await client.say("AUTH PLAIN AGEAYg==").hasPrefix("454 4.7.0"))
            await client.close()
            let second = try await Self.open(mocks)
            #expect(try await second.say("MAIL FROM:<a@example.org>") == "451 4.3.0 Later")
            await second.close()
            mocks.script(Script(provider: .smtp, stage: .greeting, times: 1, answer: ScriptedAnswer(status: 554, reason: "5.7.1")))
            let third = try await LineClient(port: mocks.smtpPort)
            #expect(try await third.reply().hasPrefix("554 5.7.1"))
            #expect(try await third.reply().isEmpty)
        }
    }

    @Test func `what is not announced does not work`() async throws {
        var configuration = MockConfiguration.ephemeral
        configuration.smtp.capabilities = [.startTLS, .authLogin]
        configuration.smtp.requiresAuthentication = false
        try await withMockProviders(configuration) { mocks in
            let client = try await LineClient(port: mocks.smtpsPort, ca: mocks.certificate)
            _ = try await client.reply()
            #expect(try await client.say("EHLO test.example") == "250-mock-providers\n250 AUTH LOGIN")
            #expect(try await client.say("AUTH PLAIN AGEAYg==").hasPrefix("504"))
            #expect(try await client.say("MAIL FROM:<a@example.org> SIZE=10").hasPrefix("555 Unsupported"))
            #expect(try await client.say("MAIL FROM:<a@example.org> BODY=8BITMIME").hasPrefix("555"))
            #expect(try await client.say("MAIL FROM:<a@example.org>") == "250 Ok", "no enhanced code")
            await client.close()
        }
    }

    @Test func `silence ends a connection where that is set`() async throws {
        var configuration = MockConfiguration.ephemeral
        configuration.smtp.idleTimeout = .milliseconds(50)
        try await withMockProviders(configuration) { mocks in
            let client = try await LineClient(port: mocks.smtpPort)
            #expect(try await client.reply().hasPrefix("220"))
            #expect(try await client.reply().hasPrefix("421 4.4.2"))
            #expect(try await client.reply().isEmpty)
        }
    }

    @Test func `connections, and mails on each, have limits where they are set`() async throws {
        var configuration = MockConfiguration.ephemeral
        configuration.smtp.maximumConnections = 1
        configuration.smtp.messagesPerConnection = 1
        try await withMockProviders(configuration) { mocks in
            let client = try await Self.open(mocks)
            let second = try await LineClient(port: mocks.smtpPort)
            #expect(try await second.reply().hasPrefix("421 4.7.0 Too many concurrent"))
            #expect(try await Self.send(client, to: "b@example.org").last?.hasPrefix("250") == true)
            #expect(try await client.say("MAIL FROM:<a@example.org>").hasPrefix("421 4.7.0 Too many messages"))
            #expect(try await client.reply().isEmpty)
            // The server counts a connection out when it is closed there, which may be a moment later.
            var third = try await LineClient(port: mocks.smtpPort)
            var greeting = try await third.reply()
            for _ in 0..<100 where greeting.hasPrefix("421 4.7.0") {
                third = try await LineClient(port: mocks.smtpPort)
                greeting = try await third.reply()
            }
            #expect(greeting.hasPrefix("220"))
            await third.close()
        }
    }

    @Test func `a scripted reply may have several lines, and greylisting may be for all`() async throws {
        var configuration = MockConfiguration.ephemeral
        configuration.smtp.greylistsAll = true
        try await withMockProviders(configuration) { mocks in
            mocks.script(
                Script(provider: .smtp, stage: .mail, times: 1, answer: ScriptedAnswer(status: 421, reason: "5.7.32", body: "One\nTwo")))
            let first = try await Self.open(mocks)
            #expect(try await first.say("MAIL FROM:<a@example.org>") == "421-5.7.32 One\n421 5.7.32 Two")
            let client = try await Self.open(mocks)
            #expect(try await Self.send(client, to: "anna@example.org").last?.hasPrefix("451 4.7.1") == true)
            mocks.advanceClock(by: .seconds(301))
            _ = try await client.say("RSET")
            #expect(try await Self.send(client, to: "anna@example.org").last?.hasPrefix("250") == true)
            await client.close()
        }
    }

    @Test func `the dialogue is kept with each mail, without the password`() async throws {
        try await withMockProviders { mocks in
            let client = try await Self.open(mocks)
            _ = try await Self.send(client, to: "b@example.org")
            let message = try #require(mocks.messages().first)
            #expect(message.dialogue.contains("C: AUTH PLAIN (secret)") && message.dialogue.contains("C: RCPT TO:<b@example.org>"))
            #expect(message.dialogue.last?.hasPrefix("S: 250 2.0.0 Ok: queued as") == true)
            let password = try ClientCredentials(of: mocks).value("password", in: "smtp.json")
            let encoded = Data("\0mock\0\(password)".utf8).base64EncodedString()
            #expect(!message.dialogue.contains { $0.contains(password) || $0.contains(encoded) })
            #expect(message.credential == "mock")
            await client.close()
        }
    }

    @Test func `a mail may be accepted and come back`() async throws {
        try await withMockProviders { mocks in
            let client = try await Self.open(mocks)
            for mailbox in ["bounce@example.org", "anna+bounce-5.2.2@example.org", "bounce-4.2.2@example.org"] {
                let text = "Message-ID: <1@example.org>\r\nSubject: x\r\n\r\nhello\r\n"
                #expect(try await Self.send(client, to: mailbox, text).last?.hasPrefix("250") == true)
            }
            let back = mocks.messages(MessageFilter(target: "a@example.org"))
            #expect(back.count == 2 && back.allSatisfy { $0.sender == "" && $0.accepted })
            let first = String(decoding: back[0].payload, as: UTF8.self)
            #expect(first.contains("\r\nFinal-Recipient: rfc822;bounce@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n"))
            #expect(first.contains("report-type=delivery-status") && first.contains("\r\nMessage-ID: <1@example.org>\r\n"))
            #expect(String(decoding: back[1].payload, as: UTF8.self).contains("\r\nStatus: 5.2.2\r\n"))
            #expect(MailContent(back[0].payload).text?.contains("could not be delivered") == true)
            // Nobody is told that a bounce bounced.
            _ = try await client.say("MAIL FROM:<>")
            _ = try await client.say("RCPT TO:<bounce@example.org>")
            _ = try await client.say("DATA")
            _ = try await client.say("Subject: x\r\n\r\nhello\r\n.")
            #expect(mocks.count() == 6)
            await client.close()
        }
    }
}
