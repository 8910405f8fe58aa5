import Domain
import Transport

/// What FCM's answers mean. Of several codes in one answer, Apple's for an iPhone behind FCM goes first, then FCM's own, then Google's general ones,
/// then the HTTP status.
enum FCMVerdicts {
    /// Firebase, "Throttling and quotas": without a Retry-After, at least a minute.
    private static let quotaWait = Duration.seconds(60)
    /// Apple's own floor for 5xx; FCM only passes the answer on.
    private static let appleServerWait = Duration.seconds(15 * 60)
    /// The APNs key or the web-push key of the Firebase project is refused. Where another platform is known to work, it must go on: then the delivery
    /// waits, not the lane.
    private static let platformWait = Duration.seconds(15 * 60)

    enum Mark {
        static let hasName = "has_name"
        static let cutShort = "cut_short"
        static let freshToken = "fresh_token"
        /// Other platforms of the same project take messages.
        static let otherPlatformWorks = "other_platform_works"
        static let deviceQuota = "device_quota"
        static let fieldViolation = "field_violation"
        static let tokenField = "field:message.token"
    }

    static let table = VerdictTable("fcm", success + apple + fcm + general)

    private static let success: [VerdictTable.Row] = [
        .when(200, Mark.hasName, called: "ok", means: .accepted),
        // The status has arrived, and with it the answer; only the message's name is lost.
        .when(200, Mark.cutShort, means: .accepted),
        .when(200, called: "unreadable", means: .unknown(resend: false)),
    ]

    /// `ApnsError.reason`, whatever the HTTP status around it.
    private static let apple: [VerdictTable.Row] =
        rows(["Unregistered", "ExpiredToken"], .recipientGone)
        + rows(["BadDeviceToken", "DeviceTokenNotForTopic"], .recipientGone, .suspectsCredential)
        + [
            "InvalidProviderToken", "ExpiredProviderToken", "MissingProviderToken", "UnrelatedKeyIdInToken", "BadEnvironmentKeyIdInToken",
            "BadEnvironmentKeyInToken", "BadCertificate", "BadCertificateEnvironment", "Forbidden", "TopicDisallowed", "BadTopic", "MissingTopic",
        ].flatMap { platformRefused("apns:\($0)", called: "apns.\($0)") }
        + rows(["BadCollapseId", "BadExpirationDate", "BadMessageId", "BadPriority", "InvalidPushType", "PayloadEmpty"], .misbuilt)
        + rows(["PayloadTooLarge"], .rejected)
        + rows(["TooManyRequests"], .retry(scope: .target))
        + rows(["InternalServerError", "ServiceUnavailable", "Shutdown"], .retry(floor: appleServerWait, scope: .delivery))

    private static func rows(_ reasons: [String], _ meaning: VerdictRule.Meaning, _ hints: VerdictRule.Hints = []) -> [VerdictTable.Row] {
        reasons.map { .when(.any, "apns:\($0)", called: "apns.\($0)", means: meaning, hints) }
    }

    private static func platformRefused(_ word: String, called name: String) -> [VerdictTable.Row] {
        [
            .when(
                .any, word, Mark.otherPlatformWorks, called: "\(name).\(Mark.otherPlatformWorks)",
                means: .retry(floor: platformWait, scope: .delivery)),
            .when(.any, word, called: name, means: .credentialRefused),
        ]
    }

    /// `FcmError.errorCode`, and the sentences that stand for one.
    private static let fcm: [VerdictTable.Row] =
        platformRefused("fcm:THIRD_PARTY_AUTH_ERROR", called: "401.THIRD_PARTY_AUTH_ERROR")
        + platformRefused("fcm:APNS_AUTH_ERROR", called: "401.APNS_AUTH_ERROR") + codes

    private static let codes: [VerdictTable.Row] = [
        .when(.any, "fcm:UNREGISTERED", called: "404.UNREGISTERED", means: .recipientGone),
        .when(.any, "fcm:SENDER_ID_MISMATCH", called: "403.SENDER_ID_MISMATCH", means: .recipientGone, .suspectsCredential),
        .when(.any, "fcm:QUOTA_EXCEEDED", Mark.deviceQuota, called: "429.QUOTA_EXCEEDED.device", means: .retry(unsaid: quotaWait, scope: .target)),
        .when(.any, "fcm:QUOTA_EXCEEDED", called: "429.QUOTA_EXCEEDED", means: .retry(unsaid: quotaWait, scope: .lane)),
        .when(.any, "fcm:UNAVAILABLE", called: "503.UNAVAILABLE", means: .retry(), .blamesProvider),
        .when(.any, "fcm:INTERNAL", called: "500.INTERNAL", means: .retry(), .blamesProvider),
        // Many 400s speak of the message; only these speak of the token.
        .when(400, saying: ["not a valid fcm registration token"], called: "invalid_token", means: .recipientGone, .suspectsCredential),
        .when(400, Mark.tokenField, called: "token_field", means: .recipientGone, .suspectsCredential),
        .when(400, saying: ["apns device token is disabled"], called: "apns_token_disabled", means: .recipientGone),
        .when(400, saying: ["too big", "too large", "size limit"], called: "too_big", means: .rejected),
        .when(400, Mark.fieldViolation, means: .misbuilt),
        .when(400, saying: ["unknown name", "invalid value at", "invalid data payload key"], called: "malformed", means: .misbuilt),
        .when(400, "fcm:INVALID_ARGUMENT", called: "INVALID_ARGUMENT", means: .rejected),
        .when(400, called: "other", means: .rejected),
    ]

    /// `ErrorInfo.reason`, `status` and the HTTP status.
    private static let general: [VerdictTable.Row] = [
        .when(401, Mark.freshToken, means: .credentialRefused),
        .when(401, "info:ACCESS_TOKEN_EXPIRED", called: "ACCESS_TOKEN_EXPIRED", means: .retryOnce(afterwards: .credentialRefused)),
        .when(401, called: "other", means: .retryOnce(afterwards: .credentialRefused)),
        .when(403, "info:SERVICE_DISABLED", called: "SERVICE_DISABLED", means: .credentialRefused),
        .when(403, "status:PERMISSION_DENIED", called: "PERMISSION_DENIED", means: .credentialRefused),
        .when(403, called: "other", means: .credentialRefused),
        // Not found, but FCM does not say that it is the token: it may as well be the project.
        .when(404, "status:NOT_FOUND", called: "NOT_FOUND", means: .rejected, .suspectsCredential),
        .when(404, called: "other", means: .credentialRefused),
        .when(405, called: "other", means: .credentialRefused),
        .when(408, called: "other", means: .retry(), .blamesProvider),
        .when(413, called: "too_big", means: .rejected),
        .when(429, Mark.deviceQuota, called: "device", means: .retry(unsaid: quotaWait, scope: .target)),
        .when(429, called: "other", means: .retry(unsaid: quotaWait, scope: .lane)),
        .when(.hundreds(4), called: "other", means: .rejected),
        .when(.hundreds(5), called: "other", means: .retry(), .blamesProvider),
        .when(.hundreds(3), called: "other", means: .credentialRefused),
        .when(.any, called: "other", means: .unknown(resend: false)),
    ]

    /// True for an answer that refuses the project's key for one platform.
    static func refusesPlatform(_ answer: Answer) -> Bool {
        platformWords.contains { answer.words.contains($0) }
    }

    private static let platformWords = Set(
        table.rules.filter { $0.words.contains(Mark.otherPlatformWorks) }.flatMap(\.words).filter { $0 != Mark.otherPlatformWorks })

    /// Reads an answer of any shape.
    ///
    /// - Parameter secrets: what must not stand in the detail.
    static func read(_ response: HTTPResponse, removing secrets: [String], now: Timestamp) -> Answer {
        var answer = Answer(status: response.status)
        let body = try? JSON(parsing: response.body)
        if response.status == 200 {
            if let name = body?["name"]?.string {
                answer.providerMessageID = name
                answer.words = [Mark.hasName]
                return answer
            }
            if response.body.isEmpty || response.isTruncated {
                answer.words = [Mark.cutShort]
                return answer
            }
            answer.reason = UnknownOutcome.reason
            answer.detail = response.detail(removing: secrets)
            return answer
        }
        let error = body?["error"]
        answer.text = error?["message"]?.string ?? ""
        answer.retryAfter = response.retryAfter(now: now)
        answer.detail = response.detail(removing: secrets)
        FCMErrorDetails(error).describe(in: &answer)
        return answer
    }
}

/// An answer of 200 that can't be read: whether the message was taken is not known.
enum UnknownOutcome {
    static let reason = "outcome_unknown"
}
