import Domain
import Transport

/// What the answers of the token endpoint mean (RFC 6749 section 5.2, RFC 7523). Without a token no message of the lane can go out, so all waits are the lane's.
enum FCMGrantVerdicts {
    static let table = VerdictTable(
        "fcm.grant",
        [
            .when(.any, "server_error", means: .retry(scope: .lane), .blamesProvider),
            .when(.any, "internal_failure", means: .retry(scope: .lane), .blamesProvider),
            .when(.any, "temporarily_unavailable", means: .retry(scope: .lane), .blamesProvider),
            // The key is revoked, the account deleted, or our clock is wrong.
            .when(.any, "invalid_grant", means: .credentialRefused),
            .when(.any, "invalid_client", means: .credentialRefused),
            .when(.any, "unauthorized_client", means: .credentialRefused),
            .when(.any, "invalid_scope", means: .credentialRefused),
            .when(200, called: "unreadable", means: .retry(scope: .lane), .blamesProvider),
            .when(408, called: "other", means: .retry(scope: .lane), .blamesProvider),
            .when(429, called: "other", means: .retry(scope: .lane)),
            .when(.hundreds(5), called: "other", means: .retry(scope: .lane), .blamesProvider),
            .when(.hundreds(4), called: "other", means: .credentialRefused),
            .when(.hundreds(3), called: "other", means: .credentialRefused),
            .when(.any, called: "other", means: .retry(scope: .lane), .blamesProvider),
        ])

    static func read(_ response: HTTPResponse, removing secrets: [String], now: Timestamp) -> Answer {
        var answer = Answer(status: response.status)
        let error = (try? JSON(parsing: response.body))?["error"]
        // RFC 6749 says a text, Google's front end sometimes its own object.
        answer.reason = error?.string ?? error?["status"]?.string
        answer.words = answer.reason.map { [$0] } ?? []
        answer.retryAfter = response.retryAfter(now: now)
        // A body with status 200 may contain a token that nobody could read.
        answer.detail = response.status == 200 ? nil : response.detail(removing: secrets)
        return answer
    }
}
