import Crypto
import CryptoExtras
import Domain
import Foundation
import Testing

@testable import Providers

struct DKIMTests {
    // MARK: RFC 8463 appendix A: one mail, both algorithms, with the keys printed there.

    private let fields = [
        "From: Joe SixPack <joe@football.example.com>", "To: Suzie Q <suzie@shopping.example.net>", "Subject: Is dinner ready?",
        "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)", "Message-ID: <20030712040037.46341.5F8J@football.example.com>",
    ]
    private let body = Array("Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n".utf8)
    private let names = ["from", "to", "subject", "date", "message-id", "from", "subject", "date"]

    @Test func `the body hash of RFC 8463 appendix A comes out`() {
        #expect(DKIMSigner.bodyHash(body) == "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=")
    }

    @Test func `the Ed25519 signature of RFC 8463 appendix A comes out`() throws {
        let template = [
            "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;", " d=football.example.com; i=@football.example.com;",
            " q=dns/txt; s=brisbane; t=1528637909; h=from : to :", " subject : date : message-id : from : subject : date;",
            " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;", " b=",
        ].joined(separator: "\r\n")
        let seed = try #require(Data(base64Encoded: "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="))
        let signature = try Ed25519Key(raw: [UInt8](seed)).signature(of: DKIMSigner.signedBytes(fields: fields, names: names, template: template))
        #expect(Base64.encode(signature) == "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==")
    }

    @Test func `the RSA signature of RFC 8463 appendix A comes out`() throws {
        let template = [
            "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;", " d=football.example.com; i=@football.example.com;",
            " q=dns/txt; s=test; t=1528637909; h=from : to : subject :", " date : message-id : from : subject : date;",
            " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;", " b=",
        ].joined(separator: "\r\n")
        let signature = try RSAKey(pem: rfcKey).signature(of: DKIMSigner.signedBytes(fields: fields, names: names, template: template))
        #expect(
            Base64.encode(signature)
                == "F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2JzdA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8="
        )
    }

    // MARK: RFC 6376 section 3.4

    @Test func `the examples of RFC 6376 section 3.4.5 come out`() {
        #expect(DKIMCanonical.header("A: X") == Array("a:X".utf8))
        #expect(DKIMCanonical.header("B : Y\t\r\n\tZ  ") == Array("b:Y Z".utf8))
        #expect(DKIMCanonical.body(Array(" C \r\nD \t E\r\n\r\n\r\n".utf8)) == Array(" C\r\nD E\r\n".utf8))
    }

    @Test(arguments: [
        ("", ""), ("\r\n", ""), ("\r\n\r\n \r\n", ""), ("a", "a\r\n"), ("a\r\n\r\nb \r\n \r\n", "a\r\n\r\nb\r\n"), ("\ta\tb ", " a b\r\n"),
    ])
    func `a body is reduced to what must not change`(body: String, canonical: String) {
        #expect(String(decoding: DKIMCanonical.body(Array(body.utf8)), as: UTF8.self) == canonical)
    }

    // MARK: Our own mails, checked by a verifier written for the tests

    @Test func `a mail is signed with both keys, and both signatures hold`() throws {
        let ed25519 = Curve25519.Signing.PrivateKey()
        let rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let mail = try signed([
            account(.ed25519, ed25519.pemRepresentation, "ed"), account(.rsa, rsa.pemRepresentation, "rsa"),
        ])
        let read = ReadMail(mail)
        #expect(read.count("DKIM-Signature") == 2)
        let first = try #require(Verifier(read, signature: 0))
        #expect(first.tags["a"] == "ed25519-sha256")
        #expect(ed25519.publicKey.isValidSignature(first.signature, for: Data(SHA256.hash(data: first.signedBytes))))
        let second = try #require(Verifier(read, signature: 1))
        #expect(second.tags["a"] == "rsa-sha256")
        #expect(
            rsa.publicKey.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: second.signature), for: SHA256.hash(data: second.signedBytes),
                padding: .insecurePKCS1v1_5))
        for verifier in [first, second] {
            #expect(verifier.bodyHashHolds)
            #expect(verifier.tags["v"] == "1")
            #expect(verifier.tags["c"] == "relaxed/relaxed")
            #expect(verifier.tags["d"] == "xn--bcher-kva.example")
            #expect(verifier.tags["t"] == "1763718906")
            let names = verifier.names
            #expect(names.filter { $0 == "from" }.count == 2)
            for name in ["to", "subject", "date", "message-id", "mime-version", "content-type", "list-unsubscribe", "list-unsubscribe-post"] {
                #expect(names.contains(name), "\(name)")
            }
        }
        for field in read.rawHeaders { for line in field.components(separatedBy: "\r\n") { #expect(line.utf8.count <= 78, "\(line)") } }
    }

    @Test func `a second From, another subject or another body breaks the signature`() throws {
        let key = Curve25519.Signing.PrivateKey()
        let text = String(decoding: try signed([account(.ed25519, key.pemRepresentation, "ed")]), as: UTF8.self)
        func holds(_ text: String) -> Bool {
            guard let verifier = Verifier(ReadMail(Array(text.utf8)), signature: 0) else { return false }
            return verifier.bodyHashHolds && key.publicKey.isValidSignature(verifier.signature, for: Data(SHA256.hash(data: verifier.signedBytes)))
        }
        #expect(holds(text))
        #expect(holds(text.replacingOccurrences(of: "Subject: Hello", with: "subject:  Hello ")))
        #expect(!holds(text.replacingOccurrences(of: "Subject: Hello", with: "Subject: Hallo")))
        #expect(!holds(text.replacingOccurrences(of: "From: ", with: "From: Eve <eve@example.org>\r\nFrom: ")))
        #expect(!holds(text.replacingOccurrences(of: "u.example/1", with: "u.example/2")))
        #expect(!holds(text + "more\r\n"))
    }

    @Test func `a key that can't sign is a fault of the credential, told without the key`() {
        func fault(_ account: SMTPAccount.DKIM) -> CredentialFault? {
            var findings = Findings()
            let signers = DKIMRules.examine([account], from: nil, &findings)
            return signers.isEmpty && findings.faults.count == 1 ? findings.faults.first : nil
        }
        let small = "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----"
        for (algorithm, pem) in [(SMTPAccount.DKIM.Algorithm.rsa, small), (.rsa, ""), (.ed25519, rfcKey), (.ed25519, "x")] {
            let fault = fault(account(algorithm, pem, "s"))
            #expect(fault?.field == "dkim/0/private_key" && fault?.description.contains("AAAA") == false)
        }
        #expect(fault(.init(domain: "not a domain", selector: "s", algorithm: .rsa, privateKey: Secret(rfcKey)))?.field == "dkim/0/domain")
        #expect(fault(.init(domain: "example.org", selector: "s;x=1", algorithm: .rsa, privateKey: Secret(rfcKey)))?.field == "dkim/0/selector")
    }

    // MARK: Parts

    private func signers(of keys: [SMTPAccount.DKIM]) -> [DKIMSigner] {
        var findings = Findings()
        return DKIMRules.examine(keys, from: nil, &findings)
    }

    private func account(_ algorithm: SMTPAccount.DKIM.Algorithm, _ pem: String, _ selector: String) -> SMTPAccount.DKIM {
        SMTPAccount.DKIM(domain: "bücher.example", selector: selector, algorithm: algorithm, privateKey: Secret(pem))
    }

    private func signed(_ keys: [SMTPAccount.DKIM]) throws -> [UInt8] {
        let created = Timestamp(seconds: 1_763_718_906)
        let delivery = Delivery(
            id: Identifier(high: 1, low: 2), notificationID: "n", orgID: "o", userID: nil,
            lane: LaneKey(orgID: "o", provider: .smtp, credential: "main"),
            target: Target(address: "user@example.com"), nextAttemptAt: created, createdAt: created)
        let content = Content(title: "Hello", body: "Text  with  spaces \n\n\n", html: "<p>Grüße</p>", listUnsubscribe: "https://u.example/1")
        let composer = MailComposer(from: try Mailbox("Demo <no-reply@bücher.example>"), signers: signers(of: keys))
        return try composer.compose(OutboundMessage(delivery: delivery, content: content), to: MailAddress("user@example.com"), now: created)
    }

    /// RFC 6376 section 6.1, by string means and regular expressions where the signer goes by bytes.
    private struct Verifier {
        let tags: [String: String]
        let names: [String]
        let signature: Data
        let signedBytes: Data
        let bodyHashHolds: Bool

        init?(_ mail: ReadMail, signature number: Int) {
            let signatures = mail.rawHeaders.filter { $0.lowercased().hasPrefix("dkim-signature") }
            guard number < signatures.count else { return nil }
            let field = signatures[number]
            var tags: [String: String] = [:]
            let value = field.drop { $0 != ":" }.dropFirst().replacingOccurrences(of: "\\s", with: "", options: .regularExpression)
            for pair in value.components(separatedBy: ";") where !pair.isEmpty {
                guard let equals = pair.firstIndex(of: "=") else { return nil }
                tags[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
            }
            guard let encoded = tags["b"], let signature = Data(base64Encoded: encoded), let list = tags["h"] else { return nil }
            self.tags = tags
            self.signature = signature
            names = list.components(separatedBy: ":")
            var left = mail.rawHeaders.filter { !$0.lowercased().hasPrefix("dkim-signature") }
            var text = ""
            for name in names {
                guard let index = left.lastIndex(where: { $0.lowercased().hasPrefix(name + ":") }) else { continue }
                text += Self.relaxed(left.remove(at: index)) + "\r\n"
            }
            let unsigned = field.replacingOccurrences(of: "([;\\s]b=)[A-Za-z0-9+/=\\s]*", with: "$1", options: .regularExpression)
            signedBytes = Data((text + Self.relaxed(unsigned)).utf8)
            var body = String(decoding: mail.body, as: UTF8.self)
                .replacingOccurrences(of: "[ \\t]+", with: " ", options: .regularExpression)
                .replacingOccurrences(of: " \r\n", with: "\r\n")
            while body.hasSuffix("\r\n") { body = String(body.dropLast(1)) }
            bodyHashHolds = Data(SHA256.hash(data: Data((body.isEmpty ? "" : body + "\r\n").utf8))).base64EncodedString() == tags["bh"]
        }

        private static func relaxed(_ field: String) -> String {
            let colon = field.firstIndex(of: ":") ?? field.endIndex
            let name = field[..<colon].lowercased().trimmingCharacters(in: .whitespaces)
            let value = field[colon...].dropFirst().replacingOccurrences(of: "\r\n", with: "")
                .replacingOccurrences(of: "[ \\t]+", with: " ", options: .regularExpression).trimmingCharacters(in: .whitespaces)
            return "\(name):\(value)"
        }
    }

    /// The RSA key that RFC 8463 prints for its example.
    private let rfcKey = """
        -----BEGIN RSA PRIVATE KEY-----
        MIICXQIBAAKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi
        Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqM
        KrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB
        AoGAH0cxOhFZDgzXWhDhnAJDw5s4roOXN4OhjiXa8W7Y3rhX3FJqmJSPuC8N9vQm
        6SVbaLAE4SG5mLMueHlh4KXffEpuLEiNp9Ss3O4YfLiQpbRqE7Tm5SxKjvvQoZZe
        zHorimOaChRL2it47iuWxzxSiRMv4c+j70GiWdxXnxe4UoECQQDzJB/0U58W7RZy
        6enGVj2kWF732CoWFZWzi1FicudrBFoy63QwcowpoCazKtvZGMNlPWnC7x/6o8Gc
        uSe0ga2xAkEA8C7PipPm1/1fTRQvj1o/dDmZp243044ZNyxjg+/OPN0oWCbXIGxy
        WvmZbXriOWoSALJTjExEgraHEgnXssuk7QJBALl5ICsYMu6hMxO73gnfNayNgPxd
        WFV6Z7ULnKyV7HSVYF0hgYOHjeYe9gaMtiJYoo0zGN+L3AAtNP9huqkWlzECQE1a
        licIeVlo1e+qJ6Mgqr0Q7Aa7falZ448ccbSFYEPD6oFxiOl9Y9se9iYHZKKfIcst
        o7DUw1/hz2Ck4N5JrgUCQQCyKveNvjzkkd8HjYs0SwM0fPjK16//5qDZ2UiDGnOe
        uEzxBDAr518Z8VFbR41in3W4Y3yCDgQlLlcETrS+zYcL
        -----END RSA PRIVATE KEY-----
        """
}
