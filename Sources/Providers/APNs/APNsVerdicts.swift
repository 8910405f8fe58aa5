import Domain
import Transport

/// What APNs' answers mean (Apple, "Handling notification responses from APNs").
enum APNsVerdicts {
    /// Apple asks for 15 minutes before a 5xx is tried again.
    private static let serverFaultFloor = Duration.seconds(15 * 60)

    /// Marks that the provider adds to an answer: what it knows and the answer doesn't say.
    enum Mark {
        /// Other keys or topics use the same connections.
        static let sharedConnection = "shared_connection"
        /// The refused token was itself made after a refusal, or can't be made anew.
        static let freshToken = "fresh_token"
        static let noReason = "no_reason"
    }

    static let table = VerdictTable(
        "apns",
        [
            .when(200, means: .accepted),

            .when(400, "BadCollapseId", means: .misbuilt),
            // Also said of a good token of the other environment or another app: where nearly all tokens get it, the credential is at fault.
            .when(400, "BadDeviceToken", means: .recipientGone, .suspectsCredential),
            .when(400, "BadExpirationDate", means: .misbuilt),
            .when(400, "BadMessageId", means: .misbuilt),
            .when(400, "BadPriority", means: .misbuilt),
            .when(400, "BadTopic", means: .credentialRefused),
            .when(400, "DeviceTokenNotForTopic", means: .recipientGone, .suspectsCredential),
            .when(400, "DuplicateHeaders", means: .misbuilt),
            .when(400, "IdleTimeout", means: .retryOnce(afterwards: .deferred)),
            .when(400, "InvalidPushType", means: .misbuilt),
            .when(400, "MissingDeviceToken", means: .misbuilt),
            .when(400, "MissingTopic", means: .credentialRefused),
            .when(400, "PayloadEmpty", means: .misbuilt),
            .when(400, "TopicDisallowed", means: .credentialRefused),
            .when(400, called: "other", means: .rejected),

            .when(403, "BadCertificate", means: .credentialRefused),
            .when(403, "BadCertificateEnvironment", means: .credentialRefused),
            .when(403, "ExpiredProviderToken", Mark.freshToken, means: .credentialRefused),
            .when(403, "ExpiredProviderToken", means: .retryOnce(afterwards: .credentialRefused)),
            .when(403, "Forbidden", means: .credentialRefused),
            // A connection belongs to the first team, key and topics that used it; a refusal on a shared one may be its fault alone.
            .when(403, "InvalidProviderToken", Mark.sharedConnection, means: .retryOnce(afterwards: .credentialRefused)),
            .when(403, "InvalidProviderToken", means: .credentialRefused),
            .when(403, "MissingProviderToken", means: .credentialRefused),
            .when(403, "UnrelatedKeyIdInToken", Mark.sharedConnection, means: .retryOnce(afterwards: .credentialRefused)),
            .when(403, "UnrelatedKeyIdInToken", means: .credentialRefused),
            .when(403, "BadEnvironmentKeyIdInToken", means: .credentialRefused),
            .when(403, "BadEnvironmentKeyInToken", means: .credentialRefused),
            .when(403, called: "other", means: .credentialRefused),

            .when(404, "BadPath", means: .misbuilt),
            .when(404, called: "other", means: .rejected),
            .when(405, "MethodNotAllowed", means: .misbuilt),
            .when(405, called: "other", means: .rejected),

            .when(410, "ExpiredToken", means: .recipientGone),
            .when(410, "Unregistered", means: .recipientGone),
            // The status alone says that the device is gone. A reason that nobody knows may say something else: it kills no token.
            .when(410, Mark.noReason, means: .recipientGone),
            .when(410, called: "other", means: .rejected, .suspectsCredential),

            .when(413, "PayloadTooLarge", means: .rejected),
            .when(413, called: "other", means: .rejected),

            .when(429, "TooManyProviderTokenUpdates", means: .retry(unsaid: .seconds(60), scope: .lane)),
            // Said of one device token; the connection and everybody else go on.
            .when(429, "TooManyRequests", means: .retry(scope: .target)),
            .when(429, called: "other", means: .retry(scope: .delivery)),

            .when(500, "InternalServerError", means: .retry(floor: serverFaultFloor), .blamesProvider),
            .when(503, "ServiceUnavailable", means: .retry(floor: serverFaultFloor), .blamesProvider),
            // One server of many goes down: another connection finds another server.
            .when(503, "Shutdown", means: .retryOnce(afterwards: .deferred)),
            .when(.hundreds(5), called: "other", means: .retry(floor: serverFaultFloor), .blamesProvider),

            .when(401, called: "other", means: .credentialRefused),
            .when(408, called: "other", means: .retry(), .blamesProvider),
            .when(.hundreds(4), called: "other", means: .rejected),
            // Apple redirects nobody: the address in the configuration is not APNs.
            .when(.hundreds(3), called: "other", means: .credentialRefused),
            .when(.any, called: "other", means: .unknown(resend: false)),
        ])

    /// Reads an answer of any shape.
    static func read(_ response: HTTPResponse, token: String, now: Timestamp) -> Answer {
        var answer = Answer(status: response.status)
        answer.providerMessageID = response[header: "apns-id"]
        if response.status == 200 {
            // Sandbox only: the id under which Apple's push console shows what became of the message.
            answer.detail = response[header: "apns-unique-id"].map { "apns-unique-id: \($0)" }
            return answer
        }
        let body = try? JSON(parsing: response.body)
        answer.reason = body?["reason"]?.string
        answer.words = [answer.reason ?? Mark.noReason]
        answer.detail = response.detail(removing: [token, token.lowercased()])
        answer.retryAfter = response.retryAfter(now: now)
        if let milliseconds = body?["timestamp"]?.integer, milliseconds > 0 {
            // Nothing can be known of the future; a clock that is ahead must not outlive a registration that is still to come.
            answer.goneSince = min(Timestamp(milliseconds: min(milliseconds, 1 << 52)), now)
        }
        return answer
    }
}
