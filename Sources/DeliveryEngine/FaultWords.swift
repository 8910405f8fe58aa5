internal import Domain

/// A fault in words, for callers and operators: what happened, and what is done or to be done about it. Never names a token or an address.
enum FaultWords {
    /// - Returns: nil where there is nothing to say: the provider took the message.
    static func describe(_ outcome: Outcome, next: RetryPolicy.Next, lane: LaneKey, attempt: RetryPolicy.Attempt) -> String? {
        let provider = lane.provider.spoken
        let cause = cause(outcome)
        switch outcome.verdict {
        case .accepted, .awaitingReceipt: return nil
        case .recipientGone:
            return lane.provider == .smtp ? "The mail address does not exist any more\(cause)" : "Device is no longer registered\(cause)"
        case .rejected: return "\(provider) refused the message\(cause)"
        case .misbuilt: return "\(provider) could not read the request\(cause); this is a fault of the gateway or of the app's configuration"
        case .unknown(resend: false):
            return "It is not known whether \(provider) took the message\(cause); it was not sent again, an operator may retry it"
        case .credentialRefused where outcome.suspectsCredential:
            return
                "\(provider) says so of nearly every target of the credential \(lane.credential)\(cause), which speaks of the credential: no token "
                + (next.isFinal ? "was killed, and it was not mended in time" : "is killed, and the delivery is held until it is mended")
        case .credentialRefused:
            let refusal = "\(provider) refused the credential \(lane.credential)\(cause)"
            return next.isFinal ? "\(refusal), and it was not mended in time" : "\(refusal); the delivery is held until it is mended"
        case .refreshed(afterwards: .otherVersion):
            return "\(provider) refused it with one version of the credential \(lane.credential)\(cause); the other version is tried"
        case .split: return next.isFinal ? "\(provider) refused the request that carried the message\(cause)" : nil
        case .deferred, .refreshed, .unknown:
            guard next.isFinal else { return "\(provider) could not take the message yet\(cause)" }
            if attempt.expiresAt != nil { return "\(provider) could not take the message before it expired\(cause)" }
            return "Gave up after \(attempt.number) \(attempt.number == 1 ? "attempt" : "attempts"): \(provider) could not take the message\(cause)"
        }
    }

    /// Why a message waits that was not tried: others had been sent to the same target.
    static func target(of provider: ProviderName, _ hold: TargetHolds.Hold) -> String {
        let target = provider == .smtp ? "mailbox" : "device"
        return "\(provider.spoken) asked for fewer messages to this \(target) (\(hold.reason)): the next one goes at \(hold.until.rfc3339Seconds)"
    }

    static func quota(of provider: ProviderName, _ hold: TargetHolds.Hold) -> String {
        "\(provider.spoken) asked for fewer messages of this project (\(hold.reason)): it goes on at \(hold.until.rfc3339Seconds)"
    }

    private static func cause(_ outcome: Outcome) -> String {
        switch (outcome.reason, outcome.status) {
        case (let reason?, let status?): " (\(reason), \(status))"
        case (let reason?, nil): " (\(reason))"
        case (nil, let status?): " (\(status))"
        case (nil, nil): ""
        }
    }
}

extension RetryPolicy.Next {
    var isFinal: Bool {
        switch self {
        case .settled: true
        case .awaitingReceipt, .queued, .again, .split: false
        }
    }
}
