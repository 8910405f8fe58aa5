import Domain
import Transport

/// What a relay's reply means: RFC 5321, RFC 3463 and the IANA registry of enhanced codes, and what large receivers are known to say.
///
/// The first row that fits decides. The basic code's first digit says whether it is worth trying again, also where the enhanced code's class disagrees (Gmail
/// has sent `421 5.7.32`); so rows name an enhanced code by subject and detail, `x.1.1`. A refusal kills an address only where its code speaks of the mailbox:
/// policy, quota and spam verdicts end a mail, but say nothing about an address.
enum SMTPVerdicts {
    static let table = VerdictTable(
        "smtp",
        [row("end.2xx", "end", "2xx", means: .accepted)] + connection + authentication + sender + reputation + recipient + content + silence
            + fallback)

    // MARK: Waits

    /// RFC 5321 asks for half an hour between tries; practice begins at five minutes, which is also what greylists want.
    private static let later = VerdictRule.Meaning.retry(floor: .seconds(300))
    /// A mailbox that is full stays so for a while.
    private static let muchLater = VerdictRule.Meaning.retry(floor: .seconds(3600))
    /// One mailbox gets too much at the moment, whoever sends it.
    private static let mailboxSlower = VerdictRule.Meaning.retry(floor: .seconds(300), scope: .target)
    /// The relay slows down all that we send.
    private static let slower = VerdictRule.Meaning.retry(floor: .seconds(300), scope: .lane)
    /// The relay had no time for us; nothing of the mail was looked at. The breaker watches for more of it.
    private static let busy = VerdictRule.Meaning.retry(floor: .seconds(30), scope: .lane)

    // MARK: Before the mail

    private static let connection: [VerdictTable.Row] = [
        row("greeting.4xx", "greeting", "4xx", means: busy, .blamesProvider),
        // 521 and 554: no service for us. A lane's problem; what is queued waits.
        row("greeting.5xx", "greeting", "5xx", means: .credentialRefused),
        row("ehlo.4xx", "ehlo", "4xx", means: busy, .blamesProvider),
        row("ehlo.5xx", "ehlo", "5xx", means: .credentialRefused),
        row("starttls.4xx", "starttls", "4xx", means: busy, .blamesProvider),
        row("starttls.5xx", "starttls", "5xx", means: .credentialRefused),
    ]

    private static let authentication: [VerdictTable.Row] =
        [
            // The account's password has to be changed: not what a 4xx looks like.
            row("auth.4.7.12", "auth", "4xx", "x.7.12", means: .credentialRefused),
            row("auth.432", "auth", "432", means: .credentialRefused),
            row("auth.422", "auth", "422", means: .credentialRefused),
            row("auth.4xx", "auth", "4xx", means: busy, .blamesProvider),
            row("auth.5xx", "auth", "5xx", means: .credentialRefused),
        ]
        // Later in the dialogue: the relay asks for a login that was not made, or finds it wanting.
        + [525, 530, 534, 535, 538].map { row("any.\($0)", "\($0)", means: .credentialRefused) }
        + ["7.8", "7.9", "7.10", "7.11", "7.12"].map { row("any.5.\($0)", "5xx", "x.\($0)", means: .credentialRefused) }

    // MARK: The sender

    private static let sender: [VerdictTable.Row] =
        [
            row("mail.5.3.4", "mail", "5xx", "x.3.4", means: .rejected),
            row("mail.5.6.7", "mail", "5xx", "x.6.7", means: .rejected),
            // Gmail: the account's own daily limit.
            row("any.5.4.5", "5xx", "x.4.5", means: .credentialRefused),
        ]
        + ["1.7", "1.8"].map { row("any.5.\($0)", "5xx", "x.\($0)", means: .credentialRefused) }
        // Codes that elsewhere speak of the recipient, who has not been named yet at MAIL.
        + ["1.0", "1.1", "1.2", "1.3", "7.0", "7.1", "7.13"].map { row("mail.5.\($0)", "mail", "5xx", "x.\($0)", means: .credentialRefused) }
        + [
            row("mail.552", "mail", "552", means: .rejected),
            row("mail.550", "mail", "550", "bare", means: .credentialRefused),
            row("mail.553", "mail", "553", "bare", means: .credentialRefused),
        ]

    /// Domain authentication and reputation: true of all mail of this sender, whoever it is for.
    private static let reputation: [VerdictTable.Row] =
        ["7.20", "7.21", "7.22", "7.23", "7.24", "7.25", "7.26", "7.27", "7.29"].map {
            row("any.5.\($0)", "5xx", "x.\($0)", means: .credentialRefused)
        } + [
            // REQUIRETLS in the registry, a missing DKIM signature at Gmail; only after the final dot is it the latter.
            row("end.5.7.30", "end", "5xx", "x.7.30", means: .credentialRefused),
            row("any.5.7.28", "5xx", "x.7.28", means: slower),
            row("any.4.7.28", "4xx", "x.7.28", means: slower),
            row("any.421.4.7.0", "421", "x.7.0", means: slower),
            // Microsoft, for bulk senders without SPF, DKIM and DMARC; and its blocklists.
            row("any.5.7.515", "5xx", "x.7.515", means: .credentialRefused),
            row("any.5xx.blocklist", "5xx", saying: ["(s3140)", "(s3150)", "[s3140]", "[s3150]"], means: .credentialRefused),
            row("any.421.rate", "421", saying: ["rp-00"], means: slower),
            row(
                "rcpt.5xx.relay_denied", "rcpt", "5xx", saying: ["relay access denied", "relaying denied", "unable to relay", "relay not permitted"],
                means: .credentialRefused),
        ]

    // MARK: The recipient

    /// What receivers write who give no enhanced code, or only 5.1.0.
    private static let unknownUser = [
        "user unknown", "unknown user", "no such user", "no such recipient", "no such mailbox", "unknown recipient", "recipient unknown",
        "user not found",
        "mailbox not found", "recipient not found", "address not found", "user doesn't exist", "user does not exist", "mailbox does not exist",
        "recipient does not exist", "address does not exist", "account does not exist", "no mailbox here", "invalid mailbox", "invalid recipient",
    ]

    /// A relay may wait with its verdict on the recipient until after the final dot; with one recipient to a mail it means the same there.
    private static let recipient: [VerdictTable.Row] =
        [
            // Gmail says 5.2.1 also for a mailbox that gets too much at the moment.
            row("rcpt.5.2.1.rate", "to_mailbox", "5xx", "x.2.1", saying: ["receiving mail at a rate"], means: mailboxSlower),
            row("rcpt.4.2.1.rate", "to_mailbox", "4xx", "x.2.1", saying: ["receiving mail at a rate"], means: mailboxSlower),
            row("rcpt.5.1.0.unknown_user", "to_mailbox", "5xx", "x.1.0", saying: unknownUser, means: .recipientGone),
            // Microsoft's edge, for a user it does not know.
            row("rcpt.5.4.1.access_denied", "to_mailbox", "5xx", "x.4.1", saying: ["access denied"], means: .recipientGone),
        ]
        + ["1.1", "1.2", "1.3", "1.6", "1.10", "2.1", "4.4", "7.17", "7.18"].map {
            row("rcpt.5.\($0)", "to_mailbox", "5xx", "x.\($0)", means: .recipientGone)
        }
        + [
            // At RCPT it is the recipient's account that is disabled, elsewhere our own.
            row("rcpt.5.7.13", "rcpt", "5xx", "x.7.13", means: .recipientGone),
            row("any.5.7.13", "5xx", "x.7.13", means: .credentialRefused),
            row("any.5.2.2", "5xx", "x.2.2", means: muchLater),
            row("any.4.2.2", "4xx", "x.2.2", means: muchLater),
            row("any.5.3.2", "5xx", "x.3.2", means: muchLater),
            row("any.5.2.4", "5xx", "x.2.4", means: later),
            // Too many recipients, said to a mail with one.
            row("any.5.5.3", "5xx", "x.5.3", means: later),
            row("rcpt.551", "rcpt", "551", means: .recipientGone),
            row("rcpt.550.unknown_user", "rcpt", "550", "bare", saying: unknownUser, means: .recipientGone),
            row("rcpt.553.unknown_user", "rcpt", "553", "bare", saying: unknownUser, means: .recipientGone),
            row("rcpt.5.3.4", "rcpt", "5xx", "x.3.4", means: .rejected),
            row("rcpt.5.2.3", "rcpt", "5xx", "x.2.3", means: .rejected),
            // RFC 5321 section 4.5.3.1.10: at RCPT it is to be read as 452.
            row("rcpt.552", "rcpt", "552", means: later),
            // Policy, not the mailbox. Alone it is this mail's end; if nearly all mail of a lane gets it, it is the lane that is refused.
            row("any.5.7.1", "5xx", "x.7.1", means: .rejected, .suspectsCredential),
        ]

    // MARK: The content

    private static let content: [VerdictTable.Row] = [
        row("any.5.6.7", "5xx", "x.6.7", means: .rejected),
        row("any.5.6.x", "5xx", "x.6.x", means: .misbuilt),
        row("any.5.5.x", "5xx", "x.5.x", means: .misbuilt),
    ]

    // MARK: No reply

    private static let silence: [VerdictTable.Row] =
        ["resolve_failed", "connect_failed", "timeout", "connection_lost", "refused_stream"].map {
            row("not_sent.\($0)", "not_sent", $0, means: busy, .blamesProvider)
        } + [
            // A handshake that broke off may go well the next time; a certificate that is not trusted will not.
            row("not_sent.tls_handshake", "not_sent", "tls_failed", "handshake", means: busy, .blamesProvider),
            row("not_sent.tls_failed", "not_sent", "tls_failed", means: .credentialRefused),
            row("not_sent.cancelled", "not_sent", "cancelled", means: .retry()),
            row("not_sent.shutdown", "not_sent", "shutdown", means: .retry()),
            row("not_sent.local_fault", "not_sent", "local_fault", means: .retry(floor: .seconds(30))),
            row("not_sent.invalid_request", "not_sent", "invalid_request", means: .misbuilt),
            // The relay has closed a connection that we had kept.
            row("not_sent.stale_connection", "not_sent", "stale_connection", means: .retryOnce(afterwards: .deferred)),
            row("not_offered.starttls", "not_offered", "STARTTLS", means: .credentialRefused),
            row("not_offered.auth", "not_offered", "AUTH", means: .credentialRefused),
            row("not_offered.smtputf8", "not_offered", "SMTPUTF8", means: .rejected),
            row("unknown.cancelled", "unknown", "cancelled", means: .unknown(resend: true)),
            row("unknown.shutdown", "unknown", "shutdown", means: .unknown(resend: true)),
            row("unknown.timeout", "unknown", "timeout", means: .unknown(resend: true), .blamesProvider),
            row("unknown.connection_lost", "unknown", "connection_lost", means: .unknown(resend: true), .blamesProvider),
        ]

    // MARK: Everything else

    private static let fallback: [VerdictTable.Row] =
        [
            row("any.421", "421", means: later, .blamesProvider),
            row("any.4xx", "4xx", means: later),
        ]
        + [500, 501, 502, 503, 504, 555].map { row("any.\($0)", "\($0)", means: .misbuilt) }
        + [
            row("any.5xx", "5xx", means: .rejected),
            // After the final dot and neither yes nor no: the relay may have taken it.
            row("any.other", means: .unknown(resend: true), .blamesProvider),
        ]

    private static func row(
        _ label: String, _ words: String..., saying phrases: [String] = [], means meaning: VerdictRule.Meaning, _ hints: VerdictRule.Hints = []
    ) -> VerdictTable.Row {
        VerdictTable.Row(status: .any, words: words, phrases: phrases, label: label, meaning: meaning, hints: hints)
    }
}
