import Crypto
import CryptoExtras
import Domain
import Foundation
import Testing

@testable import Providers

struct CredentialExaminerTests {
    private let examiner = CredentialExaminer()

    private func faults(_ credential: Credential) -> [CredentialFault] {
        do {
            _ = try examiner.inspect(credential, now: Fixture.now)
            return []
        } catch {
            return error.faults
        }
    }

    private func facts(_ credential: Credential) throws -> CredentialFacts { try examiner.inspect(credential, now: Fixture.now) }

    private func warnings(_ credential: Credential) throws -> String { try facts(credential).warnings.joined(separator: " ") }

    // MARK: APNs keys

    @Test func `an APNs key tells its ids, and nothing of the key`() throws {
        let facts = try facts(Fixture.apns())
        #expect(facts.members["team_id"] == "TEAM123456" && facts.members["key_id"] == "KEY1234567")
        #expect(facts.members["topic"] == "com.example.app" && facts.members["environment"] == "production")
        #expect(facts.notAfter == nil && facts.warnings.isEmpty)
        let line = Fixture.ecKey.pemRepresentation.split(separator: "\n")[1]
        #expect(!"\(facts)".contains(line))
        // What `sha256sum AuthKey.p8` shows.
        let digest = SHA256.hash(data: Data(Fixture.ecKey.pemRepresentation.utf8)).map { String(format: "%02x", $0) }.joined()
        #expect(facts.fingerprint == digest.prefix(16))
    }

    @Test func `all faults of a credential are told at once, each with its remedy`() {
        let faults = faults(Fixture.apns(key: "nonsense", keyID: "short", teamID: "", topic: "com.example app"))
        #expect(faults.map(\.field) == ["topic", "team_id", "key_id", "private_key"])
        #expect(faults.allSatisfy { $0.remedy.hasSuffix(".") && !$0.message.isEmpty })
        #expect(CredentialFaults(faults).description.contains("team_id: the team id has 0 characters"))
    }

    @Test func `a team id in the key id's place is told`() {
        #expect(faults(Fixture.apns(keyID: "TEAM123456")).map(\.field) == ["key_id"])
    }

    @Test func `a topic without a point is warned of`() throws {
        #expect(try warnings(Fixture.apns(topic: "app")).contains("no point"))
    }

    @Test(arguments: [
        (Curve25519.Signing.PrivateKey().pemRepresentation, "an Ed25519 key"),
        (P384.Signing.PrivateKey().pemRepresentation, "P-384"),
        ("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMA==\n-----END ENCRYPTED PRIVATE KEY-----", "protected by a password"),
        ("-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----", "cut short"),
    ])
    func `a key of another kind is named for what it is`(pem: String, kind: String) {
        #expect(faults(Fixture.apns(key: pem)).first?.message.contains(kind) == true)
    }

    @Test func `the apps that a credential is for beside its topic are told`() throws {
        var credential = Fixture.apns()
        #expect(try facts(credential).members["apps"] == nil)
        credential.apps = ["com.example.app", "com.example.b", "com.example.a"]
        #expect(try facts(credential).members["apps"] == ["com.example.a", "com.example.b"])
    }

    // MARK: FCM

    @Test func `a service account tells its project and its address`() throws {
        let facts = try facts(Fixture.fcm())
        #expect(facts.members["project_id"] == "demo-app" && facts.members["private_key_id"] == "0123abcd")
        #expect(facts.members["client_email"] == "push@demo-app.iam.gserviceaccount.com")
        #expect(facts.members["token_uri"] == "https://oauth2.googleapis.com/token")
        #expect(facts.warnings.isEmpty)
    }

    @Test func `all faults of a service account are told at once`() {
        let account = Fixture.fcm(projectID: "a/b", email: "nobody", keyID: "", key: Fixture.ecKey.pemRepresentation, tokenURI: "http://example.org/")
        #expect(faults(account).map(\.field) == ["project_id", "client_email", "private_key_id", "token_uri", "private_key"])
    }

    @Test func `an RSA key that is too small is told with its size`() throws {
        let small = try _RSA.Signing.PrivateKey(unsafeKeySize: .init(bitCount: 1_024)).pkcs8PEMRepresentation
        let faults = faults(Fixture.fcm(key: small))
        #expect(faults.map(\.field) == ["private_key"])
        #expect(faults.first?.message.contains("1024 bits") == true)
    }

    @Test func `an account of another project and an unusual project id are warned of`() throws {
        #expect(try warnings(Fixture.fcm(email: "push@other.iam.gserviceaccount.com")).contains("another project than demo-app"))
        #expect(try warnings(Fixture.fcm(projectID: "Demo", email: "push@Demo.iam.gserviceaccount.com")).contains("another form"))
        #expect(try warnings(Fixture.fcm(projectID: "example.org:app", email: "a@app.example.org.iam.gserviceaccount.com")).isEmpty)
        #expect(try warnings(Fixture.fcm(projectID: "123456789012", email: "a@123456789012.iam.gserviceaccount.com")).isEmpty)
    }

    // MARK: Expo

    @Test func `an Expo credential may have no token`() throws {
        #expect(try facts(Credential(orgID: "org", name: "main", account: .expo(.init()))).members.isEmpty)
        let facts = try facts(Credential(orgID: "org", name: "main", account: .expo(.init(accessToken: Secret("secret-token")))))
        #expect(facts.members.isEmpty && !"\(facts)".contains("secret-token"))
        #expect(
            faults(Credential(orgID: "org", name: "main", account: .expo(.init(accessToken: Secret("two words"))))).map(\.field) == ["access_token"])
    }

    // MARK: SMTP

    private func smtp(_ change: (inout SMTPAccount) -> Void = { _ in }) -> Credential {
        var account = SMTPAccount(
            host: "mail.example.org", port: 587, security: .starttls, username: "user", password: Secret("swordfish"),
            from: "Demo <no-reply@example.org>")
        change(&account)
        return Credential(orgID: "org", name: "main", account: .smtp(account))
    }

    private func dkim(
        _ key: String = Fixture.rsaKey.pemRepresentation, domain: String = "example.org", selector: String = "s1",
        algorithm: SMTPAccount.DKIM.Algorithm = .rsa
    ) -> SMTPAccount.DKIM {
        .init(domain: domain, selector: selector, algorithm: algorithm, privateKey: Secret(key))
    }

    @Test func `a mail account tells all but its password and keys`() throws {
        let facts = try facts(smtp { $0.dkim = [dkim()] })
        #expect(facts.members["url"] == "smtp://mail.example.org:587" && facts.members["tls"] == "starttls")
        #expect(facts.members["username"] == "user" && facts.members["from"] == "Demo <no-reply@example.org>")
        #expect(facts.members["dkim"]?[0]?["selector"] == "s1" && facts.members["dkim"]?[0]?["bits"] == 2_048)
        #expect(!"\(facts)".contains("swordfish"))
        #expect(facts.warnings.isEmpty)
        #expect(
            try self.facts(
                smtp {
                    $0.host = "::1"
                    $0.port = 465
                    $0.security = .implicit
                }
            ).members["url"] == "smtps://[::1]:465")
    }

    @Test func `fingerprints tell secrets apart, and don't show whether two accounts have one password`() throws {
        let first = try facts(smtp()).fingerprint
        #expect(first.utf8.count == 16)
        #expect(try facts(smtp()).fingerprint == first)
        #expect(try facts(smtp { $0.from = "other@example.org" }).fingerprint == first)
        #expect(try facts(smtp { $0.password = Secret("other") }).fingerprint != first)
        #expect(try facts(smtp { $0.username = "another" }).fingerprint != first)
        #expect(try facts(smtp { $0.dkim = [dkim()] }).fingerprint != first)
        #expect(first != Fingerprint.of(Array("swordfish".utf8)))
    }

    @Test func `all faults of a mail account are told at once`() {
        let faults = faults(
            smtp {
                $0.host = "no host"
                $0.port = 0
                $0.maxConnections = 0
                $0.password = nil
                $0.ehloName = "a b"
                $0.from = "nobody"
                $0.dkim = [dkim("x", domain: "not a domain", selector: "")]
            })
        #expect(
            faults.map(\.field) == [
                "url", "url", "max_connections", "password", "ehlo_name", "from", "dkim/0/domain", "dkim/0/selector", "dkim/0/private_key",
            ])
        #expect(faults.allSatisfy { !$0.remedy.isEmpty })
    }

    @Test func `user and password that no relay could take are named and not shown`() {
        #expect(faults(smtp { $0.username = "" }).map(\.field) == ["username"])
        let faults = faults(smtp { $0.password = Secret("swordfish\n") })
        #expect(faults.map(\.field) == ["password"])
        #expect(!"\(faults)".contains("swordfish"))
    }

    @Test func `mail in the clear is warned of, but not on this machine`() throws {
        #expect(try warnings(smtp { $0.security = .none }).contains("password go to mail.example.org in the clear"))
        #expect(
            try warnings(
                smtp {
                    $0.security = .none
                    $0.username = nil
                    $0.password = nil
                }
            ).contains("Mail goes to mail.example.org in the clear"))
        for host in ["127.0.0.1", "localhost", "::1", "mail.localhost"] {
            #expect(
                try warnings(
                    smtp {
                        $0.security = .none
                        $0.host = host
                    }
                ).isEmpty)
        }
    }

    @Test func `a port that speaks TLS otherwise is warned of`() throws {
        #expect(try warnings(smtp { $0.port = 465 }).contains("smtps://"))
        #expect(try warnings(smtp { $0.security = .implicit }).contains("starttls"))
    }

    @Test func `a DKIM key is held against its algorithm`() throws {
        let ed25519 = Curve25519.Signing.PrivateKey().pemRepresentation
        #expect(try warnings(smtp { $0.dkim = [dkim(), dkim(ed25519, selector: "s2", algorithm: .ed25519)] }).isEmpty)
        func fault(_ key: SMTPAccount.DKIM) throws -> CredentialFault { try #require(faults(smtp { $0.dkim = [key] }).first) }
        #expect(try fault(dkim(ed25519)).message.contains("Ed25519"))
        #expect(try fault(dkim(algorithm: .ed25519)).message.contains("RSA key of 2048 bits"))
        #expect(try fault(dkim(Fixture.ecKey.pemRepresentation)).message.contains("P-256"))
        #expect(try fault(dkim(SmallKey.rsa512)).message.contains("RSA key of 512 bits"))
        #expect(try fault(dkim(SmallKey.rsa512)).remedy.contains("openssl genrsa 2048"))
    }

    @Test func `a DKIM key that receivers call weak is warned of`() throws {
        let weak = try _RSA.Signing.PrivateKey(unsafeKeySize: .init(bitCount: 1_024)).pemRepresentation
        #expect(try warnings(smtp { $0.dkim = [dkim(weak)] }).contains("s1._domainkey.example.org has 1024 bits"))
    }

    @Test func `a DKIM key of another domain than the sender's is warned of`() throws {
        #expect(try warnings(smtp { $0.dkim = [dkim(domain: "example.net")] }).contains("DMARC"))
        #expect(try warnings(smtp { $0.dkim = [dkim(domain: "notexample.org")] }).contains("DMARC"))
        #expect(try warnings(smtp { $0.dkim = [dkim(domain: "mail.example.org")] }).isEmpty)
        #expect(
            try warnings(
                smtp {
                    $0.dkim = [dkim()]
                    $0.from = "a@news.example.org"
                }
            ).isEmpty)
    }

    @Test func `two keys under one name in DNS are a fault`() {
        #expect(faults(smtp { $0.dkim = [dkim(), dkim(domain: "Example.org")] }).map(\.field) == ["dkim/1/selector"])
    }
}

/// Keys that no library of today makes.
private enum SmallKey {
    static let rsa512 = """
        -----BEGIN RSA PRIVATE KEY-----
        MIIBOwIBAAJBAOONZZGFXAUD8sNdv2b4dswhxphq8mHSxP2/s+5qmddHNM9JBsR4
        1Yi36Z3ZiFEgre7v09XhnWTz0ru4ujJQfT8CAwEAAQJATdoUg+MShozBQ+IRGBOt
        4U00+vSsFJfd2cr6rnk+RQ5sWJNlMvS4JLif5i9IpfVkUm7oL6+/gao/MQIBdHys
        QQIhAPqFdPqnKOy2IvHHRWNI+F/G+Q/RnlSDs2wKDuZh0CdRAiEA6IdZFb8qYSUk
        unjZ/I336lMhXkIlSgFn2YnNmqdOV48CIQDZ14rtGsY/b/HbBEiWGTHBNygEVWa0
        XwF6BRUHyC5UwQIhAMmOyQG4uxuJ/tREfXAV/5f2hy4VWA1WOpauhLJR4+6xAiAN
        PHqoYD8P7C4zFUqFvpHQJ+n12eBCTVB+07gi8EBtAA==
        -----END RSA PRIVATE KEY-----
        """
}
