private import Crypto
private import CryptoExtras
import Domain
import Transport

#if canImport(FoundationEssentials)
private import FoundationEssentials
#else
private import Foundation
#endif

/// Holds a signing key against what DNS says of it: what a receiver would find.
struct DKIMRecordCheck {
    private let signer: DKIMSigner

    init(_ signer: DKIMSigner) {
        self.signer = signer
    }

    func read(_ answer: NameService.Answer, into trial: inout Trial) {
        let name = signer.recordName
        switch answer {
        case .failed(let words):
            trial.failed(
                "dns", .inconclusive, "\(name): \(words)",
                summary: "The DKIM record \(name) could not be asked for (\(words)). Check this machine's DNS, or verify again later.")
        case .noSuchName, .noRecords: refuse("there is no such record", &trial)
        case .records(let records):
            switch fault(in: records) {
            case .some(let fault): refuse(fault, &trial)
            case nil: trial.worked("dns", "\(name) holds this key\(isTested(records) ? ", and says that it is being tested (t=y)" : "")")
            }
        }
    }

    private func refuse(_ fault: String, _ trial: inout Trial) {
        trial.failed(
            "dns", .refused, "\(signer.recordName): \(fault). Wanted: \(signer.recordText)",
            summary:
                "Receivers can't check this key's signatures: \(signer.recordName): \(fault). Publish there the TXT record that the step dns shows.")
    }

    private func isTested(_ records: [[UInt8]]) -> Bool {
        records.contains { (try? DKIMRecord($0))?.flags.contains("y") == true }
    }

    /// What keeps a receiver from checking signatures; nil for nothing.
    private func fault(in texts: [[UInt8]]) -> String? {
        var records: [DKIMRecord] = []
        var unreadable: DKIMRecord.Fault?
        for text in texts {
            do { records.append(try DKIMRecord(text)) } catch { unreadable = error }
        }
        guard let record = records.first else { return "the record \((unreadable ?? .notTags).rawValue)" }
        // RFC 6376 section 3.6.2.2: what a receiver does then is its own affair.
        if records.count > 1 { return "there are \(records.count) DKIM records under one name" }
        return fault(in: record)
    }

    private func fault(in record: DKIMRecord) -> String? {
        if record.key.isEmpty { return "the key was revoked (p is empty)" }
        if record.kind != signer.kind {
            return "the record holds a key of the kind \(Self.word(record.kind)), and the credential's is \(signer.kind)"
        }
        if let hashes = record.hashes, !hashes.contains("sha256") { return "the record does not allow sha256 (h)" }
        if let services = record.services, !services.contains("email"), !services.contains("*") { return "the record is not for mail (s)" }
        return matches(record.key) ? nil : "the record holds another key than the credential's"
    }

    private func matches(_ published: [UInt8]) -> Bool {
        if published == signer.publicKey { return true }
        // Some publish the bare RSAPublicKey of PKCS#1, which receivers take as well.
        guard case .rsa = signer.key, let key = try? _RSA.Signing.PublicKey(unsafeDERRepresentation: published) else { return false }
        return [UInt8](key.derRepresentation) == signer.publicKey
    }

    /// Of a stranger's word no more than fits into a sentence.
    private static func word(_ text: String) -> String { String(text.prefix(20)) }
}

extension DKIMSigner {
    /// Where the key stands in DNS.
    var recordName: String { "\(selector)._domainkey.\(domain)" }

    /// What has to stand there.
    var recordText: String { "v=DKIM1; k=\(kind); p=\(Base64.encode(publicKey))" }

    /// As the record's tag `k` names it.
    var kind: String {
        switch key {
        case .rsa: "rsa"
        case .ed25519: "ed25519"
        }
    }

    var publicKey: [UInt8] {
        switch key {
        case .rsa(let key): key.publicKey
        case .ed25519(let key): key.publicKey
        }
    }
}
