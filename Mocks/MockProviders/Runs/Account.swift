/// One sender as the providers know it: a team and key at APNs, a project and service account at FCM, an access token at Expo, a mail user.
final class Account: Sendable {
    /// The run that its requests belong to, unless a request names another.
    let run: String
    /// The org that scripts and filters know it by.
    let org: String?
    let apns: APNsKey
    let fcm: ServiceAccount
    let smtp: SMTPAccount
    let expoAccessToken: String?

    init(run: String, org: String?, apns: APNsKey, fcm: ServiceAccount, smtp: SMTPAccount, expoAccessToken: String?) {
        self.run = run
        self.org = org
        self.apns = apns
        self.fcm = fcm
        self.smtp = smtp
        self.expoAccessToken = expoAccessToken
    }

    /// Whether the account is known by that name at any provider: APNs key or team, project or client e-mail, access token, mail user.
    func isKnown(as name: String) -> Bool {
        name == apns.keyID || name == apns.teamID || name == fcm.project || name == fcm.clientEmail || name == smtp.username
            || name == expoAccessToken
    }
}
