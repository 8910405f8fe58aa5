import Domain
import Transport

/// Asks Expo for the receipt of a ticket that does not exist: a bad access token is refused before anybody looks for the ticket.
struct ExpoProbe {
    /// No ticket has this id: Expo's are random.
    private static let ticket = "00000000-0000-0000-0000-000000000000"

    let base: String
    let carrier: any HTTPCarrier
    let time: any TimeSource

    func run(_ material: ExpoMaterial, deadline: Timestamp) async -> CredentialVerification {
        var trial = Trial(secrets: [material.accessToken].compactMap(\.self))
        let requests = ExpoRequest(base: base.withoutFinalSlashes, accessToken: material.accessToken)
        let answer = await carrier.send(
            requests.receipts(for: [Self.ticket]), in: ConnectionGroup(name: "verify/expo", maxConnections: 1), timeout: deadline - time.now)
        switch answer {
        case .answered(let response): judge(ExpoAnswer.receipts(for: [Self.ticket], response, secret: material.accessToken, now: time.now), &trial)
        case .notSent(let failure), .unknown(let failure): trial.unreachable("Expo", at: base, failure)
        }
        return trial.finished(
            material.accessToken == nil
                ? "Expo answers. The credential has no access token, which is enough unless enhanced push security is on for the project."
                : "Expo takes the access token.")
    }

    private func judge(_ answer: ReceiptAnswer, _ trial: inout Trial) {
        switch answer {
        case .answered: trial.worked("receipts", "200: no such ticket, as was to be expected")
        case .failed(let outcome):
            let isRefused = outcome.verdict == .credentialRefused
            trial.failed(
                "receipts", isRefused ? .refused : .inconclusive, outcome.words,
                summary: isRefused
                    ? "Expo refuses the access token: it was revoked, or it is wanted and not there. Make a new one in the Expo dashboard under Access tokens, and set it."
                    : "Expo's answer says nothing of the credential (\(outcome.words)). Verify again later.")
        }
    }
}

extension Trial {
    /// Nobody answered over HTTP; that says nothing of a credential.
    mutating func unreachable(_ provider: String, at base: String, _ failure: TransportFailure) {
        let remedy =
            switch failure.kind {
            case .tls: "Where that is a test server, name its CA in providers.ca_file; else somebody stands between it and this machine"
            case .resolve, .connect: "Check this machine's network, DNS and firewall, and providers.proxy"
            case .timeout, .reset, .refusedStream, .cancelled, .shutdown, .invalidRequest, .local: "Verify again later"
            }
        failed(
            "connect", .inconclusive, failure.message,
            summary: "\(provider) gave no answer at \(base) (\(failure.message)), which says nothing of the credential. \(remedy).")
    }
}
