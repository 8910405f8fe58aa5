import Crypto
import CryptoExtras
import Domain
import Testing
import Transport

@testable import Providers

struct ProviderFactoryTests {
    private let factory: ProviderFactory

    init() throws {
        factory = try Fixture.factory(ScriptedCarrier { _, _ in .status(200) }, ManualTime())
    }

    private func fault(_ credential: Credential) -> CredentialFault? {
        do {
            _ = try factory.make(credential)
            return nil
        } catch {
            return error.faults.first
        }
    }

    @Test func `sound credentials make providers with their limits`() throws {
        let apns = try factory.make(Fixture.apns())
        #expect(apns.name == .apns && apns.batchLimit == 1 && apns.window == 200)
        let fcm = try factory.make(Fixture.fcm())
        #expect(fcm.name == .fcm && fcm.batchLimit == 1 && fcm.window == 200)
        let expo = try factory.make(Credential(orgID: "org", name: "main", account: .expo(.init())))
        #expect(expo.name == .expo && expo.batchLimit == 100 && expo.window == 6)
        #expect((expo as? any ReceiptProvider)?.receiptLimit == 300)
        let account = SMTPAccount(host: "127.0.0.1", port: 2525, security: .none, from: "Demo <no-reply@example.org>", maxConnections: 4)
        let smtp = try factory.make(Credential(orgID: "org", name: "main", account: .smtp(account)))
        #expect(smtp.name == .smtp && smtp.batchLimit == 1 && smtp.window == 8)
    }

    @Test func `what providers limit together has one name, and no secret or address in it`() throws {
        func quota(_ account: Credential.Account, _ org: String = "org", _ affinity: String = "") throws -> Quota {
            try factory.make(Credential(orgID: org, name: "main", account: account)).quota(of: affinity)
        }
        let fcm = try factory.make(Fixture.fcm()).quota(of: "")
        #expect(fcm.name?.hasPrefix("fcm/") == true)
        // 600,000 a minute, and a minute from nothing to the peak.
        #expect(fcm.ceiling * 60 + fcm.burst <= 600_000 && fcm.start < fcm.ceiling)

        let token = ExpoAccount(accessToken: Secret("expo-access-token"))
        let expo = try quota(.expo(token), "org_a")
        #expect(try quota(.expo(token), "org_b") == expo)
        #expect(expo.ceiling + expo.burst <= 600)
        #expect(expo.name?.contains("expo-access-token") == false)
        #expect(try quota(.expo(ExpoAccount())).name == nil)
        #expect(try quota(.expo(ExpoAccount()), "org", "@owner/app").name == "expo/@owner/app")
        #expect(try quota(.expo(token), "org", "half/dlv_1") == expo)

        #expect(try factory.make(Fixture.apns()).quota(of: "").name?.hasPrefix("apns/production/") == true)

        func relay(_ username: String?) throws -> String? {
            try quota(
                .smtp(
                    SMTPAccount(
                        host: "127.0.0.1", port: 2525, security: .none, username: username, password: username.map { _ in Secret("password") },
                        from: "a@example.org"))
            ).name
        }
        #expect(try relay(nil) == "smtp/127.0.0.1:2525")
        #expect(try relay("ada@example.org")?.contains("ada") == false)
        #expect(try relay("ada@example.org") != relay("bob@example.org"))
    }

    @Test(arguments: ["", "KEY123456", "KEY12345678", "key1234567", "KEY-123456", "ÄÄÄÄÄ"])
    func `ids of other form are named`(id: String) {
        #expect(fault(Fixture.apns(keyID: id))?.field == "key_id")
        #expect(fault(Fixture.apns(teamID: id))?.field == "team_id")
    }

    @Test func `a key that does not fit is described by what it is`() throws {
        func message(_ pem: String) throws -> String {
            let fault = try #require(self.fault(Fixture.apns(key: pem)))
            #expect(fault.field == "private_key" && fault.remedy.contains(".p8"))
            return fault.message
        }
        #expect(try message("").contains("empty"))
        #expect(try message("AuthKey.p8").contains("no BEGIN line"))
        #expect(try message(P384.Signing.PrivateKey().pemRepresentation).contains("P-384"))
        #expect(try message(P521.Signing.PrivateKey().pemRepresentation).contains("P-521"))
        #expect(try message(Fixture.rsaKey.pkcs8PEMRepresentation).contains("RSA key of 2048 bits"))
        #expect(try message(Fixture.ecKey.publicKey.pemRepresentation).contains("public key"))
        let cut = String(Fixture.ecKey.pemRepresentation.prefix(100))
        #expect(try message(cut).contains("cut short"))
        #expect(try !message(cut).contains(String(cut.suffix(30))))
    }

    @Test(arguments: ["", "com.example app", "com.example/app", "com.example\n"])
    func `a topic that is no bundle id is named`(topic: String) {
        #expect(fault(Fixture.apns(topic: topic))?.field == "topic")
    }

    @Test func `a certificate that is no PKCS#12 file is named`() {
        for bytes in [[], Array("-----BEGIN CERTIFICATE-----".utf8)] as [[UInt8]] {
            let account = APNsAccount(
                identity: .certificate(p12: Secret(bytes), password: Secret("")), topic: "com.example.app", environment: .sandbox)
            #expect(fault(Credential(orgID: "org", name: "main", account: .apns(account)))?.field == "certificate")
        }
    }

    @Test func `members of a service account that can't be right are named`() {
        #expect(fault(Fixture.fcm(projectID: ""))?.field == "project_id")
        #expect(fault(Fixture.fcm(projectID: "a/../b"))?.field == "project_id")
        #expect(fault(Fixture.fcm(email: "nobody"))?.field == "client_email")
        #expect(fault(Fixture.fcm(keyID: ""))?.field == "private_key_id")
        #expect(fault(Fixture.fcm(key: Fixture.ecKey.pemRepresentation))?.message.contains("P-256") == true)
        #expect(fault(Fixture.fcm(key: "x"))?.field == "private_key")
    }

    @Test(arguments: [
        "", "oauth2.googleapis.com/token", "ftp://oauth2.googleapis.com/token", "http://oauth2.googleapis.com/token", "https://", "https://a@b/token",
        "https://a b/",
    ])
    func `a token address that is not https is named`(uri: String) {
        #expect(fault(Fixture.fcm(tokenURI: uri))?.field == "token_uri")
    }

    @Test(arguments: [
        "https://oauth2.googleapis.com/token", "http://127.0.0.1:9090/token", "http://localhost:9090/token", "http://[::1]:9090/token",
        "http://mock:9090/token",
    ])
    func `test servers near by may be asked without TLS`(uri: String) {
        #expect(fault(Fixture.fcm(tokenURI: uri)) == nil)
    }

    @Test(arguments: ["", "two words", "line\nbreak", "tökén"])
    func `an access token that can't stand in a header is named and not shown`(token: String) {
        let fault = self.fault(Credential(orgID: "org", name: "main", account: .expo(.init(accessToken: Secret(token)))))
        #expect(fault?.field == "access_token")
        if !token.isEmpty { #expect(fault.map { !$0.description.contains(token) } == true) }
    }
}
