import Domain
import Transport

/// Asks Google for an access token, and FCM whether it would send: only to be validated, and to a token that no device can have.
struct FCMProbe {
    /// FCM's tokens have more than a hundred characters.
    private static let token = "hermod-credential-check"

    let base: String
    let carrier: any HTTPCarrier
    let time: any TimeSource

    func run(_ account: FCMServiceAccount, deadline: Timestamp) async -> CredentialVerification {
        var trial = Trial()
        // Tokens of its own: one that was granted before the key was revoked would prove nothing.
        let tokens = FCMAccessTokens(account: account, carrier: carrier, time: time)
        let end = time.elapsed + (deadline - time.now)
        do {
            let token = try await tokens.token(within: end - time.elapsed)
            trial.worked("grant", "\(account.tokenOrigin) has granted an access token")
            await send(account, token, until: end, &trial)
        } catch {
            judge(grant: error.outcome, account, &trial)
        }
        return trial.finished("The service account \(account.clientEmail) may send for the Firebase project \(account.projectID).")
    }

    private func judge(grant outcome: Outcome, _ account: FCMServiceAccount, _ trial: inout Trial) {
        guard outcome.verdict == .credentialRefused else {
            trial.failed(
                "grant", .inconclusive, outcome.words,
                summary: "The token endpoint \(account.tokenOrigin) granted nothing (\(outcome.words)), which says nothing of the account. "
                    + "Check this machine's network and providers.proxy, or verify again later.")
            return
        }
        let remedy =
            outcome.reason == "invalid_grant"
            ? "The key was deleted, the account is gone, or this machine's clock is wrong. Make a new key in the Firebase console under Project settings, Service accounts, and set it."
            : "Make a new key in the Firebase console under Project settings, Service accounts, and set it."
        trial.failed(
            "grant", .refused, outcome.words, summary: "Google refuses the service account's key (\(outcome.reason ?? "no reason given")). \(remedy)")
    }

    private func send(_ account: FCMServiceAccount, _ token: AccessTokenSchedule.Token, until end: Duration, _ trial: inout Trial) async {
        let requests = FCMRequest(base: base.withoutFinalSlashes, projectID: account.projectID)
        let body = JSON.object(["validate_only": true, "message": ["token": .string(Self.token), "notification": ["title": "Hermod"]]])
        let request = requests.build(body: body.bytes, authorization: token.authorization)
        let group = ConnectionGroup(name: "verify/fcm", maxConnections: 1)
        switch await carrier.send(request, in: group, timeout: end - time.elapsed) {
        case .answered(let response):
            var answer = FCMVerdicts.read(response, removing: [token.bearer], now: time.now)
            // It was granted a moment ago: another one won't help.
            answer.words.append(FCMVerdicts.Mark.freshToken)
            judge(FCMVerdicts.table.judge(answer), answer, account, &trial)
        case .notSent(let failure), .unknown(let failure): trial.unreachable("FCM", at: base, failure)
        }
    }

    private func judge(_ outcome: Outcome, _ answer: Answer, _ account: FCMServiceAccount, _ trial: inout Trial) {
        switch verdict(outcome, answer) {
        case .works: trial.worked("send", "FCM went on to look at the device's token, which was none: \(outcome.words)")
        case .refused:
            trial.failed("send", .refused, outcome.words, summary: "FCM refuses the account: \(reason(outcome, answer, account))")
        case .inconclusive:
            trial.failed(
                "send", .inconclusive, outcome.words, summary: "FCM's answer says nothing of the account (\(outcome.words)). Verify again later.")
        }
    }

    private func verdict(_ outcome: Outcome, _ answer: Answer) -> CredentialVerification.Verdict {
        // Of a token that is none, only the account can be the fault.
        if answer.words.contains("fcm:SENDER_ID_MISMATCH") { return .refused }
        // Whatever else is wrong with the message, the account has got past the door.
        if outcome.status == 400 { return .works }
        return CredentialVerification.Verdict(of: outcome.verdict)
    }

    private func reason(_ outcome: Outcome, _ answer: Answer, _ account: FCMServiceAccount) -> String {
        let project = account.projectID
        if answer.words.contains("info:SERVICE_DISABLED") {
            return
                "the Firebase Cloud Messaging API is switched off in the project \(project). Switch it on in the Google Cloud console under APIs & Services."
        }
        switch outcome.status {
        case 404:
            return "it knows no project \(project). Use the service account's JSON of the project that the app is in."
        case 403:
            return "\(account.clientEmail) may not send for the project \(project) (\(outcome.reason ?? "403")). Use the project's own account, "
                + "or give this one the role Firebase Cloud Messaging API Admin there."
        default:
            return "\(outcome.words). Make a new key in the Firebase console under Project settings, Service accounts, and set it."
        }
    }
}
