import Domain
import Transport

/// Says to the relay who would send, and takes it back; where asked, holds the DKIM keys against their records in DNS.
struct MailProbe {
    /// For questions to DNS.
    private static let patience = Duration.seconds(10)

    let mail: any MailProber
    let names: any NameAsker
    let time: any TimeSource

    func run(_ material: SMTPMaterial, dns: Bool, deadline: Timestamp) async -> CredentialVerification {
        var trial = Trial(secrets: Self.secrets(of: material.relay))
        let sender = material.from.address.addrSpec
        // The records are asked for meanwhile: neither has to wait for the other.
        async let records = dns ? answers(for: material.signers, deadline) : []
        let probe = await mail.probe(sender: sender, via: material.relay, timeout: deadline - time.now)
        var judge = MailProbeJudge(relay: material.relay, sender: sender)
        if case .failed(let failure) = probe.ending, failure.kind == .resolve {
            judge.hostExists = await names.hasHost(material.relay.host, timeout: min(Self.patience, deadline - time.now))
        }
        judge.read(probe, into: &trial)
        for (signer, answer) in zip(material.signers, await records) {
            DKIMRecordCheck(signer).read(answer, into: &trial)
        }
        if dns, material.signers.isEmpty { trial.worked("dns", "the credential has no DKIM key, so there is no record to compare") }
        let relay = "\(material.relay.host):\(material.relay.port)"
        return trial.finished(
            "\(relay) takes mail from \(sender)\(material.relay.username == nil ? "" : " with this login")"
                + (dns && !material.signers.isEmpty ? ", and DNS holds the DKIM keys." : "."))
    }

    private func answers(for signers: [DKIMSigner], _ deadline: Timestamp) async -> [NameService.Answer] {
        var answers: [NameService.Answer] = []
        for signer in signers {
            answers.append(await names.textRecords(of: signer.recordName, timeout: min(Self.patience, deadline - time.now)))
        }
        return answers
    }

    /// The password, and the forms in which a relay could repeat what AUTH sent.
    private static func secrets(of relay: SMTPRelay) -> [String] {
        guard let username = relay.username, let password = relay.password else { return [] }
        return [
            password, Base64.encode(Array(password.utf8)), Base64.encode([0] + Array(username.utf8) + [0] + Array(password.utf8)),
        ]
    }
}
