import Domain
import Transport

/// Pushes to a device that does not exist: APNs first looks at who sends, and for which app, and only then misses the device.
struct APNsProbe {
    /// Well-formed, and no device's: Apple's tokens are random.
    private static let deviceToken = String(repeating: "0", count: 64)

    /// What TLS says to a certificate (RFC 8446 section 6.2), in OpenSSL's words.
    private static let alerts = [
        "certificate revoked", "certificate expired", "certificate unknown", "bad certificate", "unsupported certificate", "unknown ca",
    ]

    let base: String
    let carrier: any HTTPCarrier
    let shared: SharedState
    let time: any TimeSource

    func run(_ material: APNsMaterial, deadline: Timestamp) async -> CredentialVerification {
        var trial = Trial()
        let started = time.now
        var authorization: String?
        let group: ConnectionGroup
        switch material.identity {
        case .key(let key):
            do {
                authorization = try shared.providerTokens(for: key, fingerprint: material.fingerprint).token(now: started).authorization
            } catch {
                trial.failed(
                    "sign", .refused, "\(error)", summary: "The key can't sign: \(error). Use the .p8 file as downloaded from the developer account.")
                return trial.finished("")
            }
            group = ConnectionGroup(
                name: "verify/apns/\(material.environment.rawValue)/\(key.keyID)/\(material.fingerprint)", opensWithOne: true, maxConnections: 1)
        case .certificate(let certificate):
            group = ConnectionGroup(
                name: "verify/apns/\(material.environment.rawValue)/certificate/\(material.fingerprint)",
                clientCertificate: .init(p12: certificate.p12, password: certificate.password), maxConnections: 1)
        }
        let answer = await carrier.send(request(for: material.topic, authorization), in: group, timeout: deadline - started)
        // A connection that APNs has bound to a key must not be found by the next try.
        carrier.renewConnections(of: group)
        switch answer {
        case .answered(let response): judge(response, material, &trial)
        case .notSent(let failure), .unknown(let failure): judge(failure, material, &trial)
        }
        return trial.finished("APNs (\(material.environment.rawValue)) takes the \(material.identity.kind) for the topic \(material.topic).")
    }

    private func request(for topic: String, _ authorization: String?) -> HTTPRequest {
        let type = APNsPushType(topic: topic)
        var headers = [
            ("content-type", "application/json"), ("apns-topic", topic), ("apns-push-type", type.rawValue),
            ("apns-priority", type == .pushtotalk ? "10" : "5"), ("apns-expiration", "0"),
        ]
        if let authorization { headers.append(("authorization", authorization)) }
        return HTTPRequest(url: "\(base)/3/device/\(Self.deviceToken)", headers: headers, body: Array(#"{"aps":{}}"#.utf8))
    }

    private func judge(_ response: HTTPResponse, _ material: APNsMaterial, _ trial: inout Trial) {
        var answer = APNsVerdicts.read(response, token: Self.deviceToken, now: time.now)
        // Its own connection, and a token that is at most 48 minutes old: neither can be to blame.
        answer.words.append(APNsVerdicts.Mark.freshToken)
        let outcome = APNsVerdicts.table.judge(answer)
        let words = [response.status.description, answer.reason].compactMap(\.self).joined(separator: " ")
        switch verdict(outcome, answer) {
        case .works: trial.worked("send", "\(words): APNs took the sender, and missed the device, which was none")
        case .refused:
            let reason = Self.explain(answer.reason, material)
            trial.failed("send", .refused, words, summary: "APNs refuses the \(material.identity.kind) (\(words)): \(reason)")
        case .inconclusive:
            trial.failed(
                "send", .inconclusive, words, summary: "APNs' answer says nothing of the credential (\(words)). Verify again later.")
        }
    }

    private func verdict(_ outcome: Outcome, _ answer: Answer) -> CredentialVerification.Verdict {
        // There is no device that the topic could be wrong for.
        if answer.reason == "DeviceTokenNotForTopic" { return .refused }
        return CredentialVerification.Verdict(of: outcome.verdict)
    }

    private func judge(_ failure: TransportFailure, _ material: APNsMaterial, _ trial: inout Trial) {
        let words = failure.message.lowercased()
        guard case .certificate = material.identity,
            failure.code == TransportVerdicts.clientCertificateFault || (words.contains("alert") && Self.alerts.contains(where: words.contains))
        else {
            trial.unreachable("APNs", at: base, failure)
            return
        }
        trial.failed(
            "tls", .refused, failure.message,
            summary: "APNs refuses the certificate as the connection begins (\(failure.message)): it was revoked, or is none of Apple's. "
                + "Make a new one in the developer account under Certificates, and set it.")
    }

    /// What a reason says of the credential, and what to do.
    private static func explain(_ reason: String?, _ material: APNsMaterial) -> String {
        let topic = material.topic
        let here = material.environment.rawValue
        switch reason {
        case "InvalidProviderToken", "UnrelatedKeyIdInToken":
            return "key, key id and team id do not belong together, the key was revoked, or it is not for the topic \(topic). "
                + "Compare the ids with the developer account, under Keys and under Membership."
        case "ExpiredProviderToken":
            return "it takes a token that was made a moment ago for an old one. Set this machine's clock right."
        case "BadEnvironmentKeyIdInToken", "BadEnvironmentKeyInToken":
            return "the key was made for the other environment than \(here). Set environment accordingly, or make a key for \(here)."
        case "BadCertificateEnvironment":
            return "the certificate was made for the other environment than \(here). Set environment accordingly, or use a certificate for both."
        case "BadCertificate":
            return "it was revoked, or is none of Apple's. Make a new one in the developer account under Certificates, and set it."
        case "TopicDisallowed", "BadTopic", "MissingTopic", "DeviceTokenNotForTopic":
            return "\(topic) is no topic that it may send to. Set topic to the app's bundle id, as the developer account shows it under Identifiers."
        case "Forbidden": return "the account may not send at all. See the developer account for agreements to be signed."
        default: return "compare the credential with the developer account, or make a new one there."
        }
    }
}

extension APNsMaterial.Identity {
    fileprivate var kind: String {
        switch self {
        case .key: "key"
        case .certificate: "certificate"
        }
    }
}
