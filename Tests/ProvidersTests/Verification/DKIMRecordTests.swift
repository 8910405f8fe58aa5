import Crypto
import CryptoExtras
import Domain
import Foundation
import Testing
import Transport

@testable import Providers

/// DKIM keys held against DNS: a name server of our own on loopback answers the C library's resolver.
@Suite(.timeLimit(.minutes(1))) struct DKIMRecordTests {
    private static let rsa = Data(Fixture.rsaKey.publicKey.derRepresentation).base64EncodedString()
    private static let edKey = Curve25519.Signing.PrivateKey()
    private static let ed25519 = Data(edKey.publicKey.rawRepresentation).base64EncodedString()

    private func signer(_ algorithm: SMTPAccount.DKIM.Algorithm = .rsa) throws -> DKIMSigner {
        let pem = algorithm == .rsa ? Fixture.rsaKey.pemRepresentation : Self.edKey.pemRepresentation
        var findings = Findings()
        let account = SMTPAccount.DKIM(domain: "example.org", selector: "s1", algorithm: algorithm, privateKey: Secret(pem))
        return try #require(DKIMRules.examine([account], from: nil, &findings).first)
    }

    private func check(_ answer: NameServer.Answer, _ algorithm: SMTPAccount.DKIM.Algorithm = .rsa) async throws -> CredentialVerification {
        let signer = try signer(algorithm)
        return try await NameServer.run([signer.recordName: answer]) { server, address in
            let names = try names(at: address)
            var trial = Trial()
            DKIMRecordCheck(signer).read(await names.textRecords(of: signer.recordName, timeout: .seconds(4)), into: &trial)
            #expect(server.asked.allSatisfy { $0 == "s1._domainkey.example.org" } && !server.asked.isEmpty)
            return trial.finished("fine")
        }
    }

    private func refusal(_ record: String, _ algorithm: SMTPAccount.DKIM.Algorithm = .rsa) async throws -> String {
        let answer = try await check(.texts([Self.pieces(record)]), algorithm)
        #expect(answer.verdict == .refused && answer.steps.map(\.name) == ["dns"])
        return answer.summary
    }

    /// Strings of at most 255 bytes, as zone files have them.
    private static func pieces(_ text: String) -> [String] {
        stride(from: 0, to: max(text.utf8.count, 1), by: 200).map { String(text.dropFirst($0).prefix(200)) }
    }

    private func names(at address: String) throws -> NameService {
        let server = try #require(NameService.Server(address))
        return NameService(server: server)
    }

    // MARK: What is right

    @Test(arguments: ["v=DKIM1; k=rsa; p=\(rsa)", "p=\(rsa)", "v=DKIM1;h=sha1:sha256; s=email ;t=s;\tp = \(rsa);", "v=DKIM1; s=*; n=note; p=\(rsa)"])
    func `a record with the key is found, in however many strings`(record: String) async throws {
        let answer = try await check(.texts([Self.pieces(record)]))
        #expect(answer.verdict == .works, "\(answer)")
        #expect(answer.steps.first?.detail == "s1._domainkey.example.org holds this key")
    }

    @Test func `an Ed25519 key, an alias, white space in the key and the bare RSA form are all read`() async throws {
        #expect(try await check(.texts([["v=DKIM1; k=ed25519; p=\(Self.ed25519)"]]), .ed25519).verdict == .works)
        #expect(try await check(.alias("s1.hoster.example", [Self.pieces("v=DKIM1; p=\(Self.rsa)")])).verdict == .works)
        let spaced = "v=DKIM1; p=\(Self.rsa.prefix(50)) \(Self.rsa.dropFirst(50))"
        #expect(try await check(.texts([Self.pieces(spaced)])).verdict == .works)
        let bare = Data(Fixture.rsaKey.publicKey.pkcs1DERRepresentation).base64EncodedString()
        #expect(try await check(.texts([Self.pieces("v=DKIM1; p=\(bare)")])).verdict == .works)
    }

    @Test func `an answer that is too long for UDP is asked for over TCP`() async throws {
        #expect(try await check(.overTCP([Self.pieces("v=DKIM1; p=\(Self.rsa)")])).verdict == .works)
    }

    @Test func `a record that is being tested works, and says so`() async throws {
        let answer = try await check(.texts([Self.pieces("v=DKIM1; t=y:s; p=\(Self.rsa)")]))
        #expect(answer.verdict == .works && answer.steps.first?.detail.contains("t=y") == true)
    }

    // MARK: What is wrong

    @Test func `a record that is not there is told with the one that is wanted`() async throws {
        for missing in [NameServer.Answer.noSuchName, .nothing] {
            let answer = try await check(missing, .ed25519)
            #expect(answer.verdict == .refused && answer.summary.contains("no such record"))
            #expect(answer.steps.first?.detail.contains("Wanted: v=DKIM1; k=ed25519; p=\(Self.ed25519)") == true)
        }
    }

    @Test func `each fault of a record has its sentence`() async throws {
        let other = Data(try _RSA.Signing.PrivateKey(unsafeKeySize: .init(bitCount: 1_024)).publicKey.derRepresentation).base64EncodedString()
        #expect(try await refusal("v=DKIM1; p=\(other)").contains("another key"))
        #expect(try await refusal("v=DKIM1; p=").contains("revoked"))
        #expect(try await refusal("v=DKIM1; k=ed25519; p=\(Self.ed25519)").contains("of the kind ed25519"))
        #expect(try await refusal("v=DKIM1; p=\(Self.rsa)", .ed25519).contains("of the kind rsa"))
        #expect(try await refusal("v=DKIM1; h=sha1; p=\(Self.rsa)").contains("sha256"))
        #expect(try await refusal("v=DKIM1; s=tlsrpt; p=\(Self.rsa)").contains("not for mail"))
        #expect(try await refusal("v=DKIM2; p=\(Self.rsa)").contains("another version"))
        #expect(try await refusal("v=DKIM1").contains("no tag p"))
        #expect(try await refusal("v=DKIM1; p=!!!").contains("not base64"))
        #expect(try await refusal("v=DKIM1; p=AAAA; p=AAAA").contains("twice"))
        #expect(try await refusal("hello").contains("no list of tags"))
    }

    @Test func `two records under one name are a fault, and another text beside one is none`() async throws {
        let record = Self.pieces("v=DKIM1; p=\(Self.rsa)")
        let twice = try await check(.texts([record, record]))
        #expect(twice.verdict == .refused && twice.summary.contains("2 DKIM records"))
        #expect(try await check(.texts([["site-verification"], record])).verdict == .works)
    }

    // MARK: No answer

    @Test(arguments: [NameServer.Answer.servfail, .refused])
    func `a name server that does not know says nothing of the key`(trouble: NameServer.Answer) async throws {
        let answer = try await check(trouble)
        #expect(answer.verdict == .inconclusive && answer.summary.contains("could not be asked for"))
    }

    @Test func `a name server that is not there says nothing of the key`() async throws {
        let address = try await NameServer.run([:]) { _, address in address }
        let names = try names(at: address)
        let answer = await names.textRecords(of: "s1._domainkey.example.org", timeout: .seconds(2))
        guard case .failed = answer else {
            Issue.record("\(answer)")
            return
        }
    }

    @Test func `an answer that is no answer does no harm`() async throws {
        let answer = try await check(.garbage)
        #expect(answer.verdict != .works)
    }

    @Test func `hosts are there, not there, or not known`() async throws {
        try await NameServer.run(["relay.example": .nothing, "trouble.example": .servfail]) { _, address in
            let names = try names(at: address)
            #expect(await names.hasHost("relay.example", timeout: .seconds(4)) == true)
            #expect(await names.hasHost("gone.example", timeout: .seconds(4)) == false)
            #expect(await names.hasHost("trouble.example", timeout: .seconds(4)) == nil)
        }
    }

    @Test func `a name server is written as an IPv4 address, with or without a port`() {
        #expect(NameService.Server("127.0.0.1:5353")?.port == 5353)
        #expect(NameService.Server("192.0.2.53")?.port == 53)
        for text in ["", "dns.example", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:", "1.2.3", "::1", "127.0.0.1:53:53"] {
            #expect(NameService.Server(text) == nil)
        }
    }
}
