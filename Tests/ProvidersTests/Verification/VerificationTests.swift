import Crypto
import CryptoExtras
import Domain
import Foundation
import MockProviders
import Testing
import Transport

@testable import Providers

/// Credentials verified at the mock over real sockets: the mock is an independent reading of the providers' protocols.
@Suite(.timeLimit(.minutes(1))) struct VerificationTests {
    /// A mock, and what asks it.
    private struct Stage {
        let mocks: MockProviders
        let prober: CredentialProber
        let http: HTTPTransport
        let mail: SMTPTransport

        func verify(_ account: Credential.Account, dns: Bool = false) async -> CredentialVerification {
            let time = SystemTime()
            return await prober.verify(
                Credential(orgID: "org", name: "main", account: account), dns: dns, deadline: time.now + .seconds(20))
        }

        /// Every message that the mock took; a verification leaves none.
        func accepted() -> Int { mocks.main.count(MessageFilter(accepted: true)) }
    }

    private func withStage(
        _ change: (inout MockConfiguration) -> Void = { _ in }, trust: Bool = true, names: NameService = NameService(),
        _ body: @Sendable (Stage) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hermod-verify-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var configuration = MockConfiguration.ephemeral
        configuration.caFile = folder.appendingPathComponent("ca.pem").path
        change(&configuration)
        try await withMockProviders(configuration) { mocks in
            var web = HTTPTransport.Configuration()
            var post = SMTPTransport.Configuration()
            if trust {
                web.extraCAFile = mocks.caFile
                post.extraCAFile = mocks.caFile
            }
            let http = try HTTPTransport(configuration: web)
            let mail = try SMTPTransport(configuration: post)
            var endpoints = ProviderFactory.Endpoints()
            endpoints.expo = "https://localhost:\(mocks.tlsPort)"
            endpoints.fcm = endpoints.expo
            endpoints.apnsProduction = endpoints.expo
            endpoints.apnsSandbox = endpoints.expo
            let stage = Stage(
                mocks: mocks, prober: CredentialProber(endpoints: endpoints, http: http, smtp: mail, names: names, time: SystemTime()),
                http: http, mail: mail)
            try await body(stage)
            #expect(stage.accepted() == 0)
            await http.shutdown(grace: .zero)
            await mail.shutdown(grace: .zero)
        }
    }

    // MARK: APNs

    private func apns(
        _ account: MockAccount, key: String? = nil, keyID: String? = nil, teamID: String? = nil, topic: String? = nil,
        environment: APNsAccount.Environment = .production
    ) -> Credential.Account {
        .apns(
            .init(
                identity: .key(
                    pem: Secret(key ?? account.apnsPrivateKey), keyID: keyID ?? account.apnsKeyID, teamID: teamID ?? account.apnsTeamID),
                topic: topic ?? account.apnsTopic, environment: environment))
    }

    @Test func `an APNs key that is good works, again and again, and reaches no device`() async throws {
        try await withStage { stage in
            let account = try stage.mocks.account()
            for _ in 0..<3 {
                let answer = await stage.verify(apns(account))
                #expect(answer.verdict == .works && answer.steps.map(\.name) == ["send"])
                #expect(answer.summary.contains("takes the key for the topic com.example.app"))
                #expect(answer.steps.first?.detail.contains("400 BadDeviceToken") == true)
            }
        }
    }

    @Test func `an APNs key says what is wrong with it`() async throws {
        try await withStage { stage in
            let account = try stage.mocks.account()
            let stranger = await stage.verify(apns(account, key: P256.Signing.PrivateKey().pemRepresentation))
            #expect(stranger.verdict == .refused && stranger.summary.contains("403 InvalidProviderToken"))
            #expect(stranger.summary.contains("Compare the ids"))
            #expect(await stage.verify(apns(account, keyID: "ABCDEFGHIJ")).verdict == .refused)
            #expect(await stage.verify(apns(account, teamID: "ABCDEFGHIJ")).verdict == .refused)
            let topic = await stage.verify(apns(account, topic: "com.example.other"))
            #expect(topic.verdict == .refused && topic.summary.contains("com.example.other is no topic"))
            account.revoke(.apns)
            #expect(await stage.verify(apns(account)).summary.contains("revoked"))
            account.restore(.apns)
            #expect(await stage.verify(apns(account)).verdict == .works)
        }
    }

    @Test func `an APNs certificate is shown, and its refusal told`() async throws {
        try await withStage { stage in
            let account = try stage.mocks.account()
            func verify(_ file: [UInt8], _ environment: APNsAccount.Environment = .production) async -> CredentialVerification {
                await stage.verify(
                    .apns(
                        .init(
                            identity: .certificate(p12: Secret(file), password: Secret("secret")), topic: account.apnsTopic,
                            environment: environment)))
            }
            let file = try account.clientCertificate(password: "secret")
            let good = await verify(file)
            #expect(good.verdict == .works && good.summary.contains("takes the certificate"))
            account.revoke(.apns)
            let revoked = await verify(file)
            #expect(revoked.verdict == .refused && revoked.summary.contains("BadCertificate"))
            account.restore(.apns)
            // Seen without asking anybody.
            let ended = await verify(try account.clientCertificate(lifetime: .seconds(-86_400), password: "secret"))
            #expect(ended.verdict == .refused && ended.steps.map(\.name) == ["inspect"])
            #expect(ended.summary.contains("the certificate ended on"))
            // One that somebody else has signed is none of Apple's.
            let stranger = await verify(
                try PushCertificate(notBefore: SystemTime().now - .seconds(60), notAfter: SystemTime().now + .seconds(90 * 86_400)).p12())
            #expect(stranger.verdict == .refused)
        }
    }

    @Test func `a certificate that an old keychain has sealed is shown like any other`() async throws {
        try await withStage { stage in
            let account = try stage.mocks.account()
            let modern = try account.clientCertificate(password: "secret")
            let answer = await stage.verify(
                .apns(
                    .init(
                        identity: .certificate(p12: Secret(try OldKeychain.seal(modern, password: "secret")), password: Secret("secret")),
                        topic: account.apnsTopic, environment: .production)))
            #expect(answer.verdict == .works, "\(answer)")
        }
    }

    // MARK: FCM

    private func fcm(_ account: MockAccount, _ change: (inout FCMAccount) -> Void = { _ in }) throws -> Credential.Account {
        let json = try JSON(parsing: Array(account.serviceAccount.utf8))
        func member(_ name: String) throws -> String { try #require(json[name]?.string) }
        var account = FCMAccount(
            projectID: try member("project_id"), clientEmail: try member("client_email"), privateKeyID: try member("private_key_id"),
            privateKey: Secret(try member("private_key")), tokenURI: try member("token_uri"))
        change(&account)
        return .fcm(account)
    }

    @Test func `a service account that may send works, in two steps`() async throws {
        try await withStage { stage in
            let answer = await stage.verify(try fcm(stage.mocks.account()))
            #expect(answer.verdict == .works && answer.steps.map(\.name) == ["grant", "send"])
            #expect(answer.summary.contains("may send for the Firebase project mock-project"))
        }
    }

    @Test func `a service account says what is wrong with it`() async throws {
        try await withStage { stage in
            let account = try stage.mocks.account()
            let stranger = await stage.verify(try fcm(account) { $0.privateKey = Secret(Fixture.rsaKey.pkcs8PEMRepresentation) })
            #expect(stranger.verdict == .refused && stranger.steps.map(\.name) == ["grant"])
            #expect(stranger.summary.contains("invalid_grant") && stranger.summary.contains("Make a new key"))
            let project = await stage.verify(try fcm(account) { $0.projectID = "other-project" })
            #expect(project.verdict == .refused && project.steps.map(\.verdict) == [.works, .refused])
            #expect(project.summary.contains("may not send for the project other-project"))
            account.revoke(.fcm)
            #expect(await stage.verify(try fcm(account)).verdict == .refused)
            account.restore(.fcm)
            #expect(await stage.verify(try fcm(account)).verdict == .works)
        }
    }

    // MARK: Expo

    @Test func `Expo's access token is asked for where the project wants one`() async throws {
        try await withStage({ $0.expoAccessToken = "right-token" }) { stage in
            #expect(await stage.verify(.expo(.init(accessToken: Secret("right-token")))).verdict == .works)
            let wrong = await stage.verify(.expo(.init(accessToken: Secret("wrong-token"))))
            #expect(wrong.verdict == .refused && wrong.steps.map(\.name) == ["receipts"])
            #expect(!"\(wrong)".contains("wrong-token"))
            #expect(await stage.verify(.expo(.init())).verdict == .refused)
        }
        try await withStage { stage in
            let open = await stage.verify(.expo(.init()))
            #expect(open.verdict == .works && open.summary.contains("no access token"))
        }
    }

    // MARK: Mail

    private func mail(_ stage: Stage, _ change: (inout SMTPAccount) -> Void = { _ in }) throws -> Credential.Account {
        let account = try stage.mocks.account()
        var smtp = SMTPAccount(
            host: "localhost", port: stage.mocks.smtpPort, security: .starttls, username: account.mailUser, password: Secret(account.mailPassword),
            from: "Demo <no-reply@example.org>")
        change(&smtp)
        return .smtp(smtp)
    }

    @Test func `a relay takes connection, TLS, login and sender, and gets no mail`() async throws {
        try await withStage { stage in
            let answer = await stage.verify(try mail(stage))
            #expect(answer.verdict == .works, "\(answer)")
            #expect(answer.steps.map(\.name) == ["connect", "tls", "auth", "sender"])
            #expect(answer.steps[2].detail.hasPrefix("235 2.7.0") && answer.steps[3].detail.hasPrefix("250 2.1.0"))
            let implicit = await stage.verify(try mail(stage) { ($0.port, $0.security) = (stage.mocks.smtpsPort, .implicit) })
            #expect(implicit.verdict == .works && implicit.steps.map(\.name) == ["connect", "tls", "auth", "sender"])
        }
    }

    @Test func `a login that the relay refuses is told without the password`() async throws {
        try await withStage { stage in
            let answer = await stage.verify(try mail(stage) { $0.password = Secret("swordfish") })
            #expect(answer.verdict == .refused && answer.steps.map(\.name) == ["connect", "tls", "auth"])
            #expect(answer.summary.contains("refuses user name and password (535 5.7.8"))
            #expect(!"\(answer)".contains("swordfish"))
            let account = try stage.mocks.account()
            account.revoke(.smtp)
            #expect(await stage.verify(try mail(stage)).verdict == .refused)
        }
    }

    @Test func `a relay that wants a login says so`() async throws {
        try await withStage { stage in
            let answer = await stage.verify(try mail(stage) { ($0.username, $0.password) = (nil, nil) })
            #expect(answer.verdict == .refused && answer.steps.map(\.name) == ["connect", "tls", "sender"])
            #expect(answer.summary.contains("wants a login"))
        }
    }

    @Test func `a sender that the relay does not take is told with its words`() async throws {
        try await withStage { stage in
            try stage.mocks.account().setSenders(["*@example.net"])
            let answer = await stage.verify(try mail(stage))
            #expect(answer.verdict == .refused && answer.steps.last?.name == "sender")
            #expect(answer.summary.contains("does not take no-reply@example.org as a sender"))
            #expect(answer.steps.last?.detail.hasPrefix("553 5.7.1") == true)
            #expect(await stage.verify(try mail(stage) { $0.from = "x%y@example.net" }).verdict == .works)
        }
    }

    @Test func `a relay that puts us off says nothing of the credential`() async throws {
        try await withStage { stage in
            stage.mocks.main.script(
                Script(provider: .smtp, stage: .mail, answer: ScriptedAnswer(status: 451, reason: "4.3.0")))
            let answer = await stage.verify(try mail(stage))
            #expect(answer.verdict == .inconclusive && answer.steps.last?.name == "sender")
            #expect(answer.summary.contains("Verify again later"))
        }
    }

    @Test func `a relay without STARTTLS, or without a login, is the wrong one`() async throws {
        try await withStage({ $0.smtp.capabilities.remove(.startTLS) }) { stage in
            let answer = await stage.verify(try mail(stage))
            #expect(answer.verdict == .refused && answer.steps.map(\.name) == ["connect", "tls"])
            #expect(answer.summary.contains("does not offer STARTTLS"))
        }
        try await withStage { stage in
            // Without TLS the mock offers no login.
            let answer = await stage.verify(try mail(stage) { $0.security = .none })
            #expect(answer.verdict == .refused && answer.steps.map(\.name) == ["connect", "auth"])
            #expect(answer.summary.contains("Set tls to starttls"))
        }
    }

    @Test func `TLS in the wrong place is told with the right one`() async throws {
        try await withStage { stage in
            let early = await stage.verify(try mail(stage) { $0.security = .implicit })
            #expect(early.verdict == .refused && early.steps.last?.name == "tls")
            #expect(early.summary.contains("tls: starttls"))
        }
    }

    @Test(arguments: [CertificateFlaw.expired, .wrongName, .selfSigned])
    func `a relay's certificate that can't be trusted is refused`(flaw: CertificateFlaw) async throws {
        try await withStage({ $0.certificateFlaw = flaw }) { stage in
            let answer = await stage.verify(try mail(stage) { ($0.port, $0.security) = (stage.mocks.smtpsPort, .implicit) })
            #expect(answer.verdict == .refused && answer.steps.map(\.name) == ["connect", "tls"])
            #expect(answer.summary.contains("can't be trusted"))
        }
    }

    // MARK: DNS

    private func names(at address: String) throws -> NameService {
        let server = try #require(NameService.Server(address))
        return NameService(server: server)
    }

    @Test func `DKIM keys are held against DNS where asked, beside the relay`() async throws {
        let key = Curve25519.Signing.PrivateKey()
        let record = "v=DKIM1; k=ed25519; p=\(Data(key.publicKey.rawRepresentation).base64EncodedString())"
        let dkim = [("good", record), ("gone", "v=DKIM1; k=ed25519; p=")]
        let zone = Dictionary(uniqueKeysWithValues: dkim.map { ("\($0.0)._domainkey.example.org", NameServer.Answer.texts([[$0.1]])) })
        try await NameServer.run(zone) { server, address in
            try await withStage(names: try names(at: address)) { stage in
                func verify(_ selectors: [String], dns: Bool = true) async throws -> CredentialVerification {
                    let credential = try mail(stage) {
                        $0.dkim = selectors.map {
                            .init(domain: "example.org", selector: $0, algorithm: .ed25519, privateKey: Secret(key.pemRepresentation))
                        }
                    }
                    return await stage.verify(credential, dns: dns)
                }
                let good = try await verify(["good"])
                #expect(good.verdict == .works && good.steps.map(\.name) == ["connect", "tls", "auth", "sender", "dns"])
                #expect(good.summary.contains("DNS holds the DKIM keys"))
                let both = try await verify(["good", "gone"])
                #expect(both.verdict == .refused && both.steps.suffix(2).map(\.verdict) == [.works, .refused])
                #expect(both.summary.contains("gone._domainkey.example.org: the key was revoked"))
                let before = server.asked.count
                #expect(try await verify(["gone"], dns: false).verdict == .works)
                #expect(server.asked.count == before)
                let none = try await verify([])
                #expect(none.verdict == .works && none.steps.last?.detail.contains("no DKIM key") == true)
            }
        }
    }

    @Test func `a relay whose name DNS does not know is the wrong one`() async throws {
        // RFC 6761: no resolver ever finds anything there; whether it is nowhere, or DNS silent, our own name server says.
        try await NameServer.run(["trouble.invalid": .servfail]) { _, address in
            try await withStage(names: try names(at: address)) { stage in
                let nowhere = await stage.verify(try mail(stage) { $0.host = "relay.invalid" })
                #expect(nowhere.verdict == .refused && nowhere.steps.map(\.name) == ["connect"])
                #expect(nowhere.summary.contains("There is no host relay.invalid in DNS"))
                let unknown = await stage.verify(try mail(stage) { $0.host = "trouble.invalid" })
                #expect(unknown.verdict == .inconclusive)
            }
        }
    }

    // MARK: Nobody there

    @Test func `providers that give no answer say nothing of a credential`() async throws {
        try await withStage { stage in
            let account = try stage.mocks.account()
            let credentials = [try fcm(account), apns(account), .expo(.init()), try mail(stage)]
            await stage.mocks.stop()
            for credential in credentials {
                let answer = await stage.verify(credential)
                #expect(answer.verdict == .inconclusive, "\(answer)")
                #expect(answer.steps.count == 1 && answer.steps.first?.verdict == .inconclusive)
            }
        }
    }

    @Test func `a TLS certificate of a provider that can't be trusted says nothing of a credential`() async throws {
        try await withStage(trust: false) { stage in
            let answer = await stage.verify(.expo(.init()))
            #expect(answer.verdict == .inconclusive && answer.steps.first?.name == "connect")
            #expect(answer.summary.contains("providers.ca_file"))
        }
    }

    @Test func `a mock that has trouble says nothing of a credential`() async throws {
        try await withStage { stage in
            let account = try stage.mocks.account()
            stage.mocks.main.script(Script(provider: .fcm, answer: ScriptedAnswer(status: 503, reason: "UNAVAILABLE")))
            stage.mocks.main.script(Script(provider: .expo, stage: .receipt, answer: ScriptedAnswer(status: 503)))
            #expect(await stage.verify(try fcm(account)).verdict == .inconclusive)
        }
    }
}
