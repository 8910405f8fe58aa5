import Domain
import Testing

@testable import Providers

struct APNsCertificateTests {
    private let examiner = CredentialExaminer()

    private func faults(_ credential: Credential, now: Timestamp = Fixture.now) -> [CredentialFault] {
        do {
            _ = try examiner.inspect(credential, now: now)
            return []
        } catch {
            return error.faults
        }
    }

    private func facts(_ credential: Credential, now: Timestamp = Fixture.now) throws -> CredentialFacts {
        try examiner.inspect(credential, now: now)
    }

    @Test func `a certificate tells its subject, its topics and its end`() throws {
        let certificate = PushCertificate(topics: ["com.example.app", "com.example.app.voip"])
        let facts = try facts(certificate.account())
        #expect(facts.notAfter == certificate.notAfter)
        #expect(facts.members["subject"]?.string?.contains("UID=com.example.app") == true)
        #expect(facts.members["topics"] == ["com.example.app", "com.example.app.voip"])
        #expect(facts.members["topic"] == "com.example.app" && facts.members["environment"] == "production")
        #expect(facts.members["not_before"]?.string == certificate.notBefore.rfc3339Seconds)
        #expect(facts.warnings.isEmpty)
        #expect(facts.fingerprint.utf8.count == 16)
    }

    @Test(arguments: [PushCertificate.Seal.modern, .rc2, .tripleDES])
    func `files of every age open with their password`(seal: PushCertificate.Seal) throws {
        #expect(try facts(PushCertificate().account(seal: seal)).members["topics"] == ["com.example.app"])
        #expect(try facts(PushCertificate().account(password: "pässwörd €", seal: seal)).notAfter != nil)
        #expect(try facts(PushCertificate().account(password: "", seal: seal)).members["topics"] == ["com.example.app"])
    }

    @Test func `a file that could have been altered is refused`() throws {
        for given in ["secret", "other"] {
            let faults = faults(try PushCertificate().account(given: given, seal: .withoutMAC))
            #expect(faults.map(\.field) == ["certificate"] && faults.first?.message.contains("no MAC") == true)
        }
    }

    @Test(arguments: [PushCertificate.Seal.modern, .rc2, .tripleDES])
    func `a wrong password is told from a wrong file`(seal: PushCertificate.Seal) throws {
        for given in ["Secret", "", "secret\u{0}"] {
            let faults = faults(try PushCertificate().account(given: given, seal: seal))
            #expect(faults.map(\.field) == ["certificate_password"])
            #expect(!"\(faults)".contains("secret\u{0}"))
        }
    }

    @Test func `what an old file holds is sealed anew, so that libcurl opens it`() throws {
        let old = try PushCertificate().p12(seal: .rc2)
        // What a library without the old algorithms says of it.
        #expect(throws: PKCS12File.Fault.oldAlgorithms) { try PKCS12File.open(old, password: "secret", old: nil) }
        let contents = try PKCS12File.open(old, password: "secret")
        #expect(contents.modern != old)
        let again = try PKCS12File.open(contents.modern, password: "secret", old: nil)
        #expect(again.certificate == contents.certificate)
        #expect(again.modern == contents.modern)
        #expect(throws: PKCS12File.Fault.wrongPassword) { try PKCS12File.open(contents.modern, password: "other", old: nil) }
    }

    @Test func `a file that only the legacy provider opens says how to seal it anew where there is none`() throws {
        #expect(LegacyAlgorithms(provider: "no-such-provider") == nil)
        let fault = APNsCertificateRules.fault(.oldAlgorithms)
        #expect(fault.field == "certificate" && fault.remedy.contains("openssl pkcs12 -legacy"))
    }

    @Test func `what is no PKCS#12 file is named for what it is`() throws {
        func message(_ bytes: [UInt8]) throws -> String {
            let faults = faults(PushCertificate.credential(bytes))
            #expect(faults.count == 1 && faults.first?.field == "certificate")
            #expect(faults.first?.remedy.contains("openssl pkcs12 -export") == true)
            return try #require(faults.first?.message)
        }
        #expect(try message([]).contains("empty"))
        #expect(try message(Array("-----BEGIN CERTIFICATE-----".utf8)).contains("PEM"))
        #expect(try message([0x30, 0x03, 0x02, 0x01, 0x03]).contains("no PKCS#12"))
        #expect(try message(Array("hello".utf8)).contains("no PKCS#12"))
        let whole = try PushCertificate().p12()
        #expect(try message(Array(whole.dropLast(40))).contains("no PKCS#12"))
    }

    @Test func `a file without key, without certificate or with strangers in it says so`() throws {
        #expect(faults(try PushCertificate().account(content: .certificateOnly)).map(\.message).first?.contains("no private key") == true)
        #expect(faults(try PushCertificate().account(content: .keyOnly)).map(\.message).first?.contains("no certificate in it") == true)
        #expect(faults(try PushCertificate().account(content: .strangers)).map(\.message).first?.contains("belongs to the private key") == true)
    }

    @Test func `a certificate is told on from thirty days before its end, and refused after it`() throws {
        let certificate = PushCertificate()
        let account = try certificate.account()
        func warnings(before: Duration) throws -> [String] { try facts(account, now: certificate.notAfter - before).warnings }
        #expect(try warnings(before: .seconds(31 * 86_400 + 60)).isEmpty)
        #expect(try warnings(before: .seconds(30 * 86_400)).first?.contains("in 30 days") == true)
        #expect(try warnings(before: .seconds(86_400 + 60)).first?.contains("in a day") == true)
        #expect(try warnings(before: .seconds(60)).first?.contains("less than a day") == true)
        for now in [certificate.notAfter, certificate.notAfter + .seconds(1)] {
            let faults = faults(account, now: now)
            #expect(faults.map(\.field) == ["certificate"])
            #expect(faults.first?.message.contains("ended on \(certificate.notAfter.rfc3339Seconds)") == true)
        }
        let early = faults(account, now: certificate.notBefore - .seconds(1))
        #expect(early.first?.message.contains("only from \(certificate.notBefore.rfc3339Seconds)") == true)
        #expect(early.first?.remedy.contains("clock") == true)
    }

    @Test func `the topic must be among the certificate's`() throws {
        let certificate = PushCertificate(topics: ["com.example.app.voip"])
        #expect(faults(try certificate.account(topic: "com.example.app.voip")).isEmpty)
        let faults = faults(try certificate.account(topic: "com.example.other"))
        #expect(faults.map(\.field) == ["topic"])
        #expect(faults.first?.message.contains("com.example.app, com.example.app.voip") == true)
    }

    @Test func `a certificate that names no app is none of APNs'`() throws {
        let faults = faults(try PushCertificate(userID: nil, marks: []).account())
        #expect(faults.map(\.field) == ["certificate"])
        #expect(faults.first?.message.contains("no APNs certificate") == true)
    }

    @Test func `Apple's marks are held against the environment`() throws {
        func field(_ marks: [String], _ environment: APNsAccount.Environment) throws -> String? {
            faults(try PushCertificate(marks: marks).account(environment: environment)).first?.field
        }
        for environment in APNsAccount.Environment.allCases {
            #expect(try field([PushCertificate.development, PushCertificate.production], environment) == nil)
            #expect(try field([], environment) == nil)
        }
        #expect(try field([PushCertificate.development], .production) == "environment")
        #expect(try field([PushCertificate.development], .sandbox) == nil)
        #expect(try field([PushCertificate.production], .sandbox) == "environment")
        #expect(try field([PushCertificate.production], .production) == nil)
    }

    @Test func `all that is wrong is told at once`() throws {
        let certificate = PushCertificate(marks: [PushCertificate.development])
        let faults = faults(try certificate.account(topic: "com example"), now: certificate.notAfter)
        #expect(faults.map(\.field) == ["topic", "certificate", "topic", "environment"])
    }
}
