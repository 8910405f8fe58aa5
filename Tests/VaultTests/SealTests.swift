import Domain
import Foundation
import Storage
import Testing

@testable import Vault

@Suite struct SealTests {
    private let lane = LaneKey(orgID: "org_a", provider: .expo, credential: "main")
    private var id: SealedCredential.ID { SealedCredential.ID(lane: lane, version: 3) }

    private func key(_ id: String = "k1", seed: String? = nil) throws -> MasterKey {
        try #require(try MasterKeys(Secret(Keys.text(id, seed: seed))).sealing)
    }

    private func row(_ id: SealedCredential.ID, _ envelope: SealedCredential.Envelope) -> SealedCredential {
        let draft = SealedCredential.Draft(lane: id.lane, apps: [], facts: "{}", setAt: Timestamp(seconds: 0), setBy: nil)
        return SealedCredential(draft, version: id.version, envelope: envelope)
    }

    @Test func `what is sealed opens with its key, and the text shows nothing of it`() throws {
        let plaintext = Array("a secret of some length".utf8)
        let envelope = try CredentialSeal.seal(plaintext, as: id, with: try key())
        #expect(CredentialSeal.open(row(id, envelope), with: try key()) == plaintext)
        let stored = try #require(Data(base64Encoded: envelope.sealed))
        // Nonce, as many bytes as went in, tag.
        #expect(stored.count == 12 + plaintext.count + 16)
        #expect(stored.range(of: Data("secret".utf8)) == nil)
        #expect(Data(base64Encoded: envelope.wrappedKey)?.count == 12 + 32 + 16)
    }

    @Test func `each seal has a key and a nonce of its own`() throws {
        let envelopes = try (0..<50).map { _ in try CredentialSeal.seal([1, 2, 3], as: id, with: try key()) }
        #expect(Set(envelopes.map { $0.sealed.prefix(16) }).count == 50)
        #expect(Set(envelopes.map { $0.wrappedKey.prefix(16) }).count == 50)
    }

    @Test func `a row opens under no other org, provider, name, version or key`() throws {
        let envelope = try CredentialSeal.seal([1, 2, 3], as: id, with: try key())
        var others: [SealedCredential.ID] = []
        for (org, provider, name, version) in [
            ("org_b", ProviderName.expo, "main", 3), ("org_a", .fcm, "main", 3), ("org_a", .expo, "other", 3), ("org_a", .expo, "main", 4),
            // Names whose texts, put together, are the same.
            ("org_aexpo", .expo, "main", 3), ("org_", .expo, "amain", 3),
        ] {
            others.append(.init(lane: LaneKey(orgID: org, provider: provider, credential: name), version: version))
        }
        for other in others { #expect(CredentialSeal.open(row(other, envelope), with: try key()) == nil) }
        #expect(CredentialSeal.open(row(id, envelope), with: try key(seed: "other")) == nil)
        var renamed = envelope
        renamed.masterKeyID = "k2"
        #expect(CredentialSeal.open(row(id, renamed), with: try key("k2", seed: "k1")) == nil)
    }

    @Test func `parts of two rows do not open together, and nor does an altered one`() throws {
        let one = try CredentialSeal.seal([1, 2, 3], as: id, with: try key())
        let two = try CredentialSeal.seal([4, 5, 6], as: id, with: try key())
        #expect(CredentialSeal.open(row(id, .init(masterKeyID: "k1", wrappedKey: one.wrappedKey, sealed: two.sealed)), with: try key()) == nil)
        for path in [\SealedCredential.Envelope.sealed, \.wrappedKey] {
            var bytes = Array(try #require(Data(base64Encoded: one[keyPath: path])))
            for index in bytes.indices {
                bytes[index] ^= 1
                var altered = one
                altered[keyPath: path] = Data(bytes).base64EncodedString()
                #expect(CredentialSeal.open(row(id, altered), with: try key()) == nil)
                bytes[index] ^= 1
            }
            for text in ["", "not base64", "AAAA"] {
                var altered = one
                altered[keyPath: path] = text
                #expect(CredentialSeal.open(row(id, altered), with: try key()) == nil)
            }
        }
    }

    @Test func `re-wrapping changes the wrapped key alone`() throws {
        let envelope = try CredentialSeal.seal([1, 2, 3], as: id, with: try key())
        let wrapped = try #require(CredentialSeal.rewrap(row(id, envelope), from: try key(), to: try key("k2")))
        let moved = row(id, .init(masterKeyID: "k2", wrappedKey: wrapped, sealed: envelope.sealed))
        #expect(CredentialSeal.open(moved, with: try key("k2")) == [1, 2, 3])
        #expect(CredentialSeal.open(moved, with: try key()) == nil)
        #expect(CredentialSeal.rewrap(row(id, envelope), from: try key("k2"), to: try key()) == nil)
    }

    private static let accounts: [Credential.Account] = [
        .expo(ExpoAccount()), .expo(ExpoAccount(accessToken: Secret("t\"\n\u{0}ö"))),
        .apns(APNsAccount(identity: .key(pem: Secret("PEM"), keyID: "KEY1234567", teamID: "TEAM123456"), topic: "com.x", environment: .sandbox)),
        .apns(APNsAccount(identity: .certificate(p12: Secret([0, 255, 128]), password: Secret("")), topic: "com.x", environment: .production)),
        .fcm(FCMAccount(projectID: "p", clientEmail: "e", privateKeyID: "i", privateKey: Secret("PEM"), tokenURI: "https://t")),
        .smtp(SMTPAccount(host: "h", port: 25, security: .none, from: "a@b")),
        .smtp(
            SMTPAccount(
                host: "::1", port: 465, security: .implicit, username: "u", password: Secret("p"), from: "A <a@b>", ehloName: "g", maxConnections: 3,
                dkim: [.init(domain: "b", selector: "s", algorithm: .ed25519, privateKey: Secret("PEM"))])),
    ]

    @Test(arguments: accounts)
    func `an account of every kind comes back as it was`(account: Credential.Account) throws {
        let credential = Credential(orgID: "o", name: "n", account: account)
        let sealed = SealedAccount(account, fingerprint: "f00")
        #expect(SealedAccount(sealed.bytes, provider: credential.provider) == sealed)
        for other in ProviderName.credentialed where other != credential.provider && other != .expo {
            #expect(SealedAccount(sealed.bytes, provider: other) == nil)
        }
    }

    @Test(arguments: [#"{"form":2,"fingerprint":"f","account":{}}"#, "{}", "no JSON", #"{"form":1,"fingerprint":"f","account":{"host":"h"}}"#])
    func `a form that is not known is no account`(text: String) {
        #expect(SealedAccount(Array(text.utf8), provider: .smtp) == nil)
    }

    @Test func `facts keep all but the fingerprint in the clear`() throws {
        let facts = CredentialFacts(
            notAfter: Timestamp(seconds: 9), fingerprint: "deadbeef", members: ["topic": "t", "n": 1], warnings: ["one", "two"])
        #expect(!facts.storedText.contains("deadbeef"))
        #expect(CredentialFacts(stored: facts.storedText, fingerprint: "deadbeef") == facts)
    }
}
