import Domain
import Transport

/// What it means that no answer came; the same for every provider that is reached over HTTP.
enum TransportVerdicts {
    /// CURLE_SSL_CERTPROBLEM: our own client certificate could not be used.
    static let clientCertificateFault = 58

    static let expo = table("expo")
    static let apns = table("apns")
    static let fcm = table("fcm")
    static let grant = table("fcm.grant")

    static func table(_ name: String) -> VerdictTable {
        VerdictTable(
            name,
            [
                .when(.any, "not_sent", "tls_failed", "client_certificate", means: .credentialRefused),
                .when(.any, "not_sent", "resolve_failed", means: .retry(), .blamesProvider),
                .when(.any, "not_sent", "connect_failed", means: .retry(), .blamesProvider),
                .when(.any, "not_sent", "tls_failed", means: .retry(), .blamesProvider),
                .when(.any, "not_sent", "timeout", means: .retry(), .blamesProvider),
                .when(.any, "not_sent", "connection_lost", means: .retry(), .blamesProvider),
                .when(.any, "not_sent", "refused_stream", means: .retry()),
                .when(.any, "not_sent", "cancelled", means: .retry()),
                .when(.any, "not_sent", "shutdown", means: .retry()),
                .when(.any, "not_sent", "invalid_request", means: .misbuilt),
                .when(.any, "not_sent", "local_fault", means: .retry()),
                .when(.any, "unknown", "cancelled", means: .unknown(resend: true)),
                .when(.any, "unknown", "shutdown", means: .unknown(resend: true)),
                .when(.any, "unknown", "timeout", means: .unknown(resend: true), .blamesProvider),
                .when(.any, "unknown", "connection_lost", means: .unknown(resend: true), .blamesProvider),
                // No provider de-duplicates, but a message that may be lost is worse than one that may come twice under the same collapse id.
                .when(.any, called: "unknown.other", means: .unknown(resend: true), .blamesProvider),
            ])
    }

    static func notSent(_ failure: TransportFailure, by table: VerdictTable) -> Outcome {
        table.judge(answer("not_sent", failure))
    }

    static func unknown(_ failure: TransportFailure, by table: VerdictTable) -> Outcome {
        table.judge(answer("unknown", failure))
    }

    private static func answer(_ stage: String, _ failure: TransportFailure) -> Answer {
        var answer = Answer(words: [stage, failure.kind.rawValue])
        if failure.code == clientCertificateFault { answer.words.append("client_certificate") }
        answer.reason = failure.kind.rawValue
        answer.detail = Masking.redact(failure.message, removing: [])
        return answer
    }
}
