import Domain

/// What Expo's answers mean: of a whole request, of a ticket, of a receipt, and of the question for receipts.
enum ExpoVerdicts {
    enum Mark {
        /// The token has none of the forms of an Expo push token.
        static let malformedToken = "malformed_token"
        static let noCode = "no_code"
        static let ok = "ok"
        static let error = "error"
        /// The request carried one message, so that there is nothing to split.
        static let single = "single"
        /// As many tickets as messages are not there.
        static let ticketCount = "ticket_count"
    }

    /// Expo gives no number for how often one device may be written to; its advice is minutes.
    private static let deviceWait = Duration.seconds(60)

    /// The answer to a batch as a whole, where it has no tickets.
    static let requests = VerdictTable(
        "expo",
        [
            .when(.any, "PUSH_TOO_MANY_EXPERIENCE_IDS", Mark.single, called: "PUSH_TOO_MANY_EXPERIENCE_IDS.single", means: .rejected),
            .when(.any, "PUSH_TOO_MANY_EXPERIENCE_IDS", means: .split),
            .when(.any, "PUSH_TOO_MANY_NOTIFICATIONS", Mark.single, called: "PUSH_TOO_MANY_NOTIFICATIONS.single", means: .misbuilt),
            .when(.any, "PUSH_TOO_MANY_NOTIFICATIONS", means: .split),
            .when(.any, "UNAUTHORIZED", means: .credentialRefused),
            .when(.any, "TOO_MANY_REQUESTS", called: "429.TOO_MANY_REQUESTS", means: .retry(scope: .lane)),
            .when(200, Mark.ticketCount, means: .unknown(resend: false)),
            .when(200, called: "unreadable", means: .unknown(resend: false)),
            .when(401, called: "other", means: .credentialRefused),
            .when(403, called: "other", means: .credentialRefused),
            // Nobody answers there with Expo's codes: the address in the configuration is not Expo's.
            .when(404, called: "other", means: .credentialRefused),
            .when(405, called: "other", means: .credentialRefused),
            .when(408, called: "other", means: .retry(), .blamesProvider),
            .when(413, Mark.single, means: .rejected),
            .when(413, called: "other", means: .split),
            .when(429, called: "other", means: .retry(scope: .lane)),
            // One malformed message has the whole batch refused; halves find it in few requests and let the others through.
            .when(400, "VALIDATION_ERROR", Mark.single, means: .rejected),
            .when(400, "VALIDATION_ERROR", means: .split),
            .when(400, "API_ERROR", Mark.single, means: .rejected),
            .when(400, "API_ERROR", means: .split),
            .when(.hundreds(4), Mark.single, means: .rejected),
            .when(.hundreds(4), called: "other", means: .split),
            .when(.hundreds(5), called: "other", means: .retry(), .blamesProvider),
            .when(.hundreds(3), called: "other", means: .credentialRefused),
            .when(.any, called: "other", means: .unknown(resend: false)),
        ])

    static let tickets = VerdictTable(
        "expo.ticket",
        [.when(.any, Mark.ok, means: .awaitingReceipt)] + codes + [
            .when(.any, Mark.error, Mark.noCode, Mark.malformedToken, called: "malformed_token", means: .recipientGone),
            .when(.any, Mark.error, Mark.noCode, called: "no_code", means: .rejected),
            .when(.any, Mark.error, called: "other", means: .retry()),
            .when(.any, called: "unreadable", means: .unknown(resend: false)),
        ])

    static let receipts = VerdictTable(
        "expo.receipt",
        [.when(.any, Mark.ok, means: .accepted)] + codes + [.when(.any, called: "other", means: .rejected)])

    /// `details.error`, in tickets and receipts alike.
    private static let codes: [VerdictTable.Row] = [
        // Expo's word also for what APNs calls a bad token: of nearly all tokens of a lane it speaks of the app's set-up.
        .when(.any, "DeviceNotRegistered", means: .recipientGone, .suspectsCredential),
        .when(.any, "MessageTooBig", means: .rejected),
        .when(.any, "MessageRateExceeded", means: .retry(unsaid: deviceWait, scope: .target)),
        .when(.any, "MismatchSenderId", means: .credentialRefused),
        .when(.any, "InvalidCredentials", means: .credentialRefused),
        .when(.any, "DeveloperError", means: .misbuilt),
        .when(.any, "ProviderError", means: .retry()),
        .when(.any, "ExpoError", means: .retry(), .blamesProvider),
    ]

    /// The answer to the question for receipts. Asking again does no harm and a ticket must not be lost, so nothing here is final.
    static let questions = VerdictTable(
        "expo.receipts",
        [
            .when(.any, "PUSH_TOO_MANY_RECEIPTS", means: .split),
            .when(.any, "UNAUTHORIZED", means: .credentialRefused),
            .when(.any, "TOO_MANY_REQUESTS", means: .retry(scope: .lane)),
            .when(200, called: "unreadable", means: .retry()),
            .when(401, called: "other", means: .credentialRefused),
            .when(403, called: "other", means: .credentialRefused),
            .when(429, called: "other", means: .retry(scope: .lane)),
            .when(.hundreds(5), called: "other", means: .retry(), .blamesProvider),
            .when(.any, called: "other", means: .retry(floor: .seconds(5 * 60))),
        ])
}
