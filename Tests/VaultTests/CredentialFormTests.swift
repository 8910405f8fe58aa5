import Domain
import Testing

@testable import Vault

/// Credentials as REST gives them: the members of an org file, with secrets in place of references.
@Suite struct CredentialFormTests {
    private static func read(_ provider: ProviderName, _ text: String, name: String = "main") throws -> Result<Credential, CredentialFaults> {
        let body = try #require(try JSON(parsing: text).object)
        do throws(CredentialFaults) {
            return .success(try CredentialForm.read(body, orgID: "org_a", provider: provider, name: name))
        } catch {
            return .failure(error)
        }
    }

    private static func credential(_ provider: ProviderName, _ text: String) throws -> Credential { try read(provider, text).get() }

    private static func faults(_ provider: ProviderName, _ text: String, name: String = "main") throws -> [String: CredentialFault] {
        guard case .failure(let faults) = try read(provider, text, name: name) else { return [:] }
        return Dictionary(faults.faults.map { ($0.field, $0) }) { first, _ in first }
    }

    private static let pem = JSON.string(Samples.key).text

    @Test func `a credential of each provider is read from JSON as from an org file`() throws {
        let expo = try Self.credential(.expo, #"{"access_token": "abc\n", "apps": ["@demo/app", "@demo/other"]}"#)
        #expect(
            expo
                == Credential(
                    orgID: "org_a", name: "main", account: .expo(ExpoAccount(accessToken: Secret("abc"))), apps: ["@demo/app", "@demo/other"]))
        #expect(try Self.credential(.expo, "{}").account == .expo(ExpoAccount()))
        let key = try Self.credential(
            .apns,
            #"{"team_id": "TEAM123456", "key_id": "KEY1234567", "private_key": \#(Self.pem), "topic": "com.example.app", "environment": "sandbox"}"#)
        #expect(
            key.account
                == .apns(
                    APNsAccount(
                        identity: .key(pem: Secret(Samples.key), keyID: "KEY1234567", teamID: "TEAM123456"), topic: "com.example.app",
                        environment: .sandbox)))
        #expect(key.apps == ["com.example.app"])
        // The base64 command breaks lines.
        let certificate = try Self.credential(
            .apns,
            #"{"certificate": "Ynl0\nZXM=", "certificate_password": "pw", "topic": "t", "environment": "production", "apps": ["t.voip"], "team_id": null}"#
        )
        #expect(
            certificate.account
                == .apns(APNsAccount(identity: .certificate(p12: Secret("bytes"), password: Secret("pw")), topic: "t", environment: .production)))
        #expect(certificate.apps == ["t", "t.voip"])
        let mail = try Self.credential(
            .smtp,
            #"""
            {"url": "smtps://[::1]", "tls": "implicit", "username": "u", "password": "p w", "from": "Demo <a@b.example>", "ehlo_name": "g.example",
             "max_connections": 3, "dkim": [{"domain": "b.example", "selector": "one", "algorithm": "ed25519-sha256", "private_key": \#(Self.pem)}]}
            """#)
        let dkim = SMTPAccount.DKIM(domain: "b.example", selector: "one", algorithm: .ed25519, privateKey: Secret(Samples.key))
        #expect(
            mail.account
                == .smtp(
                    SMTPAccount(
                        host: "::1", port: 465, security: .implicit, username: "u", password: Secret("p w"), from: "Demo <a@b.example>",
                        ehloName: "g.example", maxConnections: 3, dkim: [dkim])))
    }

    @Test func `a service account is taken as an object or as its text`() throws {
        let whole = try Self.credential(.fcm, #"{"service_account": \#(Samples.serviceAccount)}"#)
        let text = try Self.credential(.fcm, #"{"service_account": \#(JSON.string(Samples.serviceAccount).text)}"#)
        #expect(whole == text)
        guard case .fcm(let account) = whole.account else {
            Issue.record("it is an FCM account")
            return
        }
        #expect(account.projectID == "demo" && account.privateKeyID == "k1")
    }

    @Test func `everything that is wrong is told at once, each by its member`() throws {
        let apns = try Self.faults(
            .apns, #"{"team_id": "x", "key_id": 5, "private_key": "hello", "environment": "prod", "topik": "t", "apps": ["a b", 5, "ok"]}"#)
        #expect(apns.keys.sorted() == ["apps/0", "apps/1", "environment", "key_id", "team_id", "topic", "topik"])
        #expect(apns["environment"]?.message == "must be production or sandbox")
        #expect(apns["team_id"]?.message == "must be 10 letters and digits, as the developer account shows it")
        #expect(apns["topik"]?.message == "is no known member; did you mean topic?")
        let smtp = try Self.faults(
            .smtp,
            #"""
            {"url": "smtp://u:geheim@h", "from": "nobody", "username": "u", "max_connections": "3", "apps": ["x"],
             "dkim": [{"domain": "d", "selector": "a b", "private_key": "x", "algoritm": "rsa"}, 5]}
            """#)
        #expect(
            smtp.keys.sorted() == [
                "apps", "dkim/0/algoritm", "dkim/0/private_key", "dkim/0/selector", "dkim/1", "from", "max_connections", "password", "url",
            ])
        #expect(smtp["password"]?.description == "password: is missing beside username. Give both, or neither.")
    }

    /// A body, and the member that is at fault, with what is said.
    @Test(arguments: [
        (ProviderName.apns, #"{"topic": "t", "environment": "sandbox"}"#, "private_key", "is missing, and so is certificate"),
        (.apns, #"{"topic": "t", "environment": "sandbox", "private_key": "k", "certificate": "AA=="}"#, "certificate", "stands beside private_key"),
        (.apns, #"{"topic": "t", "environment": "sandbox", "certificate": "no base64!"}"#, "certificate", "the file's bytes in base64"),
        (.apns, #"{"topic": "t", "environment": "sandbox", "certificate": "AA==", "key_id": "KEY1234567"}"#, "key_id", "goes with private_key"),
        (.expo, #"{"access_token": "two\nlines"}"#, "access_token", "holds a line break"),
        (.expo, #"{"access_token": ""}"#, "access_token", "must be a string that is not empty"),
        (.expo, #"{"access_token": "a", "access_token": "b"}"#, "access_token", "stands there twice"),
        (.expo, #"{"a/b~c": 1}"#, "a~1b~0c", "is no known member"),
        (.fcm, "{}", "service_account", "is missing; it must be the JSON object"),
        (.fcm, #"{"service_account": "{"}"#, "service_account", "holds no JSON"),
        (.fcm, #"{"service_account": {"project_id": "p"}}"#, "service_account", #"without "client_email" and "private_key_id" and "private_key""#),
        (.fcm, #"{"service_account": {"type": "authorized_user"}}"#, "service_account", #"the type "authorized_user""#),
        (.smtp, #"{"url": "smtps://h", "tls": "starttls", "from": "a@b"}"#, "tls", "says starttls, but url begins with smtps://"),
        (.inApp, "{}", "provider", "needs no credential"),
    ])
    func `a faulty member is named`(provider: ProviderName, body: String, field: String, message: String) throws {
        let faults = try Self.faults(provider, body)
        #expect(faults[field]?.message.contains(message) == true, "\(faults)")
    }

    @Test func `the name is held to what lanes and URLs can have`() throws {
        #expect(try Self.faults(.expo, "{}", name: "a b").keys.sorted() == ["name"])
    }

    @Test func `no fault repeats a value, whichever member it was put into`() throws {
        let secret = "hunter2-hunter2"
        let members = [
            "access_token", "apps", "team_id", "key_id", "private_key", "certificate", "certificate_password", "topic", "environment",
            "service_account", "url", "tls", "username", "password", "from", "ehlo_name", "max_connections", "dkim", "stranger",
        ]
        let values: [JSON] = [
            .string(secret), .string("\(secret)\n\(secret)"), [.string(secret)], [["selector": .string(secret), "domain": .string(secret)]],
            ["private_key": .string(secret)],
        ]
        for provider in ProviderName.allCases {
            for value in values {
                let body = JSONObject(members: members.map { .init(key: $0, value: value) })
                let error = #expect(throws: CredentialFaults.self) {
                    try CredentialForm.read(body, orgID: "o", provider: provider, name: "main")
                }
                #expect(error?.description.contains("hunter2") == false, "\(provider) \(value)")
            }
        }
    }
}
