import Domain

/// Why a message is refused by ourselves, before anything is sent.
struct RequestFault: Error, Sendable, Hashable {
    enum Kind: String, Sendable, Hashable, CaseIterable {
        case payloadTooLarge = "payload_too_large"
        case badDeviceToken = "bad_device_token"
        case badCollapseID = "bad_collapse_id"
        case reservedDataKey = "reserved_data_key"
        case badAps = "bad_aps"
        /// The attempt's time was over before it began.
        case deadlinePassed = "deadline_passed"
        /// FCM: the project's key for the device's platform is refused, while others work.
        case platformRefused = "platform_refused"
        /// The credential's key could not sign.
        case signingFailed = "signing_failed"
    }

    var kind: Kind
    /// In words for the sender: the fault and its limit, without the message's own content.
    var detail: String

    init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    /// Named `<provider>.local.<kind>`.
    func outcome(_ provider: ProviderName) -> Outcome {
        let verdict: Verdict
        switch kind {
        case .payloadTooLarge, .badDeviceToken, .badCollapseID, .reservedDataKey, .badAps: verdict = .rejected
        case .deadlinePassed: verdict = .deferred(Wait())
        case .platformRefused: verdict = .deferred(Wait(floor: .seconds(15 * 60), scope: .delivery))
        case .signingFailed: verdict = .credentialRefused
        }
        return Outcome(verdict: verdict, rule: "\(provider.rawValue).local.\(kind.rawValue)", reason: kind.rawValue, detail: detail)
    }
}
