import Domain
import Settings
import Testing

@testable import Vault

@Suite struct OrgFileTests {
    @Test func `an org file gives its org one credential for each provider`() async throws {
        try await withOrgFolder(["demo.yaml": Samples.demo, "AuthKey.p8": Samples.key, "service-account.json": Samples.serviceAccount]) { folder in
            let orgs = folder.read(environment: Samples.environment)
            #expect(orgs.faults == [])
            #expect(orgs.organisations.map(\.id) == ["org_default", "org_demo"])
            #expect(orgs.lanes.map(\.description) == ["org_demo/apns/main", "org_demo/expo/main", "org_demo/fcm/main", "org_demo/smtp/main"])
            func account(_ provider: ProviderName) -> Credential.Account? {
                orgs.credential(for: LaneKey(orgID: "org_demo", provider: provider, credential: "main"))?.account
            }
            #expect(account(.expo) == .expo(ExpoAccount(accessToken: Secret("expo-secret"))))
            #expect(
                account(.apns)
                    == .apns(
                        APNsAccount(
                            identity: .key(pem: Secret(Samples.key), keyID: "KEY1234567", teamID: "TEAM123456"), topic: "com.example.app",
                            environment: .production)))
            #expect(
                account(.fcm)
                    == .fcm(
                        FCMAccount(
                            projectID: "demo", clientEmail: "push@demo.iam.gserviceaccount.com", privateKeyID: "k1",
                            privateKey: Secret("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
                            tokenURI: "https://oauth2.googleapis.com/token")))
            #expect(
                account(.smtp)
                    == .smtp(
                        SMTPAccount(
                            host: "127.0.0.1", port: 2525, security: .starttls, username: "u", password: Secret("mail-secret"),
                            from: "Demo <no-reply@example.org>")))
        }
    }

    @Test func `mail can be signed with several keys, and a certificate replaces an APNs key`() async throws {
        let text = """
            org: o
            credentials:
              - provider: smtp
                url: "smtps://[::1]"
                from: a@b.example
                ehlo_name: gateway.example.org
                max_connections: 3
                dkim:
                  - { domain: b.example, selector: one, private_key: "file:k.pem" }
                  - { domain: b.example, selector: two, private_key: "file:k.pem", algorithm: ed25519-sha256 }
              - { provider: apns, certificate: "file:x.p12", certificate_password: "env:P12", topic: t, environment: sandbox }
              - { provider: expo, name: second }
            """
        try await withOrgFolder(["o.yml": text, "k.pem": Samples.key, "x.p12": "bytes\n"]) { folder in
            let orgs = folder.read(environment: ["P12": "pw"])
            #expect(orgs.faults == [])
            let mail = SMTPAccount(
                host: "::1", port: 465, security: .implicit, from: "a@b.example", ehloName: "gateway.example.org", maxConnections: 3,
                dkim: [
                    .init(domain: "b.example", selector: "one", algorithm: .rsa, privateKey: Secret(Samples.key)),
                    .init(domain: "b.example", selector: "two", algorithm: .ed25519, privateKey: Secret(Samples.key)),
                ])
            #expect(orgs.credential(for: LaneKey(orgID: "o", provider: .smtp, credential: "main"))?.account == .smtp(mail))
            let certificate = APNsAccount.Identity.certificate(p12: Secret("bytes\n"), password: Secret("pw"))
            #expect(
                orgs.credential(for: LaneKey(orgID: "o", provider: .apns, credential: "main"))?.account
                    == .apns(APNsAccount(identity: certificate, topic: "t", environment: .sandbox)))
            #expect(orgs.credential(for: LaneKey(orgID: "o", provider: .expo, credential: "second"))?.account == .expo(ExpoAccount()))
        }
    }

    @Test func `a push credential may name the apps that it is for, and an APNs one is for its topic's anyway`() async throws {
        let text = """
            org: o
            credentials:
              - { provider: expo, apps: ["@o/one", "@o/two"] }
              - { provider: apns, topic: t, environment: sandbox, certificate: "file:x.p12", apps: [t.voip] }
              - { provider: expo, name: bad, apps: "@o/one" }
              - { provider: expo, name: worse, apps: [one, two words] }
              - { provider: smtp, url: "smtp://h", from: a@b, apps: [one] }
            """
        try await withOrgFolder(["o.yaml": text, "x.p12": "bytes"]) { folder in
            let orgs = folder.read()
            func apps(_ provider: ProviderName, _ name: String = "main") -> Set<String>? {
                orgs.credential(for: LaneKey(orgID: "o", provider: provider, credential: name))?.apps
            }
            #expect(apps(.expo) == ["@o/one", "@o/two"])
            #expect(apps(.apns) == ["t", "t.voip"])
            #expect(
                orgs.faults.map(\.description) == [
                    "o.yaml:5: credentials[2].apps: must be a list, each entry an app's id, 1 to 255 characters without spaces, such as com.example.app",
                    "o.yaml:6: credentials[3].apps[1]: must be an app's id, 1 to 255 characters without spaces, such as com.example.app, not \"two words\"",
                    "o.yaml:7: credentials[4].apps: is no known key; known here: provider, name, url, tls, username, password, from, ehlo_name, max_connections, dkim",
                ])
            #expect(orgs.lane(orgID: "o", provider: .expo, name: nil, app: "@o/two")?.credential == "main")
        }
    }

    @Test func `a secret of one line is taken without the line end of its file`() async throws {
        let text = "org: o\ncredentials:\n  - { provider: expo, access_token: \"file:token\" }\n"
        try await withOrgFolder(["o.yaml": text, "token": "abc\r\n"]) { folder in
            let credential = folder.read().credential(for: LaneKey(orgID: "o", provider: .expo, credential: "main"))
            #expect(credential?.account == .expo(ExpoAccount(accessToken: Secret("abc"))))
        }
    }

    /// The entry of `credentials` on line 3, and the fault that it must give.
    @Test(arguments: [
        ("{ provider: exop }", "o.yaml:3: credentials[0].provider: must be expo, apns, fcm or smtp, not \"exop\""),
        ("{ name: main }", "o.yaml:3: credentials[0].provider: is missing; it must be expo, apns, fcm or smtp"),
        ("{ provider: expo, acess_token: \"env:X\" }", "o.yaml:3: credentials[0].acess_token: is no known key; did you mean access_token?"),
        (
            "{ provider: expo, access_token: hunter2 }",
            "o.yaml:3: credentials[0].access_token: must be a reference, env:NAME or file:PATH; the secret itself does not belong in this file"
        ),
        (
            "{ provider: expo, access_token: \"env:NOT_SET\" }",
            "o.yaml:3: credentials[0].access_token: names the environment variable NOT_SET, which is not set; export NOT_SET before the start, or use file:PATH"
        ),
        (
            "{ provider: in_app }",
            "o.yaml:3: credentials[0].provider: says in_app, which needs no credential: the inbox is the gateway's own; remove the entry"
        ),
        ("{ provider: pigeon }", "o.yaml:3: credentials[0].provider: must be expo, apns, fcm or smtp, not \"pigeon\""),
        ("{ provider: expo, name: \"a/b\" }", "o.yaml:3: credentials[0].name: must be 1 to 64 letters, digits, \"_\", \"-\" or \".\", not \"a/b\""),
        (
            "{ provider: apns, topic: t, environment: production, key_id: KEY1234567, private_key: \"file:k.p8\" }",
            "o.yaml:3: credentials[0].team_id: is missing beside private_key; the developer account shows it where the key was made"
        ),
        (
            "{ provider: apns, topic: t, environment: production }",
            "o.yaml:3: credentials[0].private_key: is missing, and so is certificate; give private_key (with team_id and key_id) or certificate (with certificate_password)"
        ),
        (
            "{ provider: apns, topic: t, environment: prod, team_id: TEAM123456, key_id: KEY1234567, private_key: \"file:k.p8\" }",
            "o.yaml:3: credentials[0].environment: must be production or sandbox, not \"prod\""
        ),
        (
            "{ provider: apns, topic: t, environment: production, team_id: TEAM123456, key_id: KEY1234567, private_key: \"file:empty\" }",
            "is empty"
        ),
        (
            "{ provider: apns, topic: t, environment: production, team_id: TEAM123456, key_id: KEY1234567, private_key: \"file:text\" }",
            "o.yaml:3: credentials[0].private_key: is no .p8 key: it does not begin with -----BEGIN PRIVATE KEY-----; use the file as Apple gave it"
        ),
        ("{ provider: fcm, service_account: \"file:text\" }", "holds no JSON"),
        ("{ provider: fcm, service_account: \"file:other.json\" }", "holds a key of the type \"authorized_user\""),
        ("{ provider: fcm, service_account: \"file:gone.json\" }", "gone.json, which can't be used: there is no such file"),
        (
            "{ provider: smtp, url: \"smtps://h\", tls: starttls, from: a@b }",
            "o.yaml:3: credentials[0].tls: says starttls, but url begins with smtps://, which is TLS from the first byte; write implicit, or smtp://"
        ),
        (
            "{ provider: smtp, url: \"smtp://h\", tls: implicit, from: a@b }",
            "o.yaml:3: credentials[0].tls: says implicit, but url begins with smtp://; write smtps://, or starttls"
        ),
        (
            "{ provider: smtp, url: \"smtp://user:geheim@h\", from: a@b }",
            "o.yaml:3: credentials[0].url: must be smtp://HOST:PORT or smtps://HOST:PORT, user and password stand apart"
        ),
        (
            "{ provider: smtp, url: \"smtp://h\", from: a@b, username: u }",
            "o.yaml:3: credentials[0].password: is missing beside username; give both, or neither"
        ),
        (
            "{ provider: smtp, url: \"smtp://h\", from: nobody }",
            "o.yaml:3: credentials[0].from: must be a mailbox such as Demo <no-reply@example.org>"
        ),
        (
            "{ provider: smtp, url: \"smtp://h\", from: a@b, dkim: [{ domain: d, selector: s, private_key: \"file:text\" }] }",
            "o.yaml:3: credentials[0].dkim[0].private_key: is no private key in PEM form"
        ),
    ])
    func `a faulty credential is told with file, line, key and remedy, and is not used`(entry: String, expected: String) async throws {
        let files = [
            "o.yaml": "org: o\ncredentials:\n  - \(entry)\n", "k.p8": Samples.key, "text": "hello", "empty": "",
            "other.json": "{\"type\": \"authorized_user\"}",
        ]
        try await withOrgFolder(files) { folder in
            let orgs = folder.read()
            let faults = orgs.faults.map(\.description)
            #expect(faults.contains { $0.contains(expected) }, "\(faults)")
            #expect(!faults.contains { $0.contains("hunter2") || $0.contains("geheim") })
            #expect(orgs.lanes.allSatisfy { orgs.credential(for: $0) == nil && orgs.fault(of: $0) != nil })
        }
    }

    @Test func `two credentials of one provider need different names`() async throws {
        let text = "org: o\ncredentials:\n  - { provider: expo }\n  - { provider: expo, name: main }\n"
        try await withOrgFolder(["o.yaml": text]) { folder in
            let orgs = folder.read()
            #expect(
                orgs.faults.map(\.description) == [
                    "o.yaml:4: credentials[1].name: says main, but a expo credential of that name stands above; give this one another name"
                ])
            #expect(orgs.credential(for: LaneKey(orgID: "o", provider: .expo, credential: "main")) != nil)
        }
    }

    @Test(arguments: [
        ("smtp://h", "h", 587, false), ("smtps://h", "h", 465, true), ("smtp://h:25/", "h", 25, false),
        ("smtp://[2001:db8::1]:2525", "2001:db8::1", 2525, false),
    ])
    func `a relay's address has the standard port where it names none`(text: String, host: String, port: Int, isImplicit: Bool) throws {
        let address = try #require(SMTPAddress(text))
        #expect(address.host == host && address.port == port && address.isImplicit == isImplicit)
    }

    @Test(arguments: [
        "", "h:25", "http://h", "smtp://", "smtp://:25", "smtp://h:0", "smtp://h:70000", "smtp://a:b:c", "smtp://u@h", "smtp://h/x", "smtp://[::1",
        "smtp://h h",
    ])
    func `anything else is no relay`(text: String) {
        #expect(SMTPAddress(text) == nil)
    }
}
