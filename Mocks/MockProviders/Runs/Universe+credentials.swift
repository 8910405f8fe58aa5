/// Credentials come and go while the mock runs, as they do at the providers.
extension Universe {
    /// Ends the belief in one of the provider's credentials, or in all of them, at once and on connections that are open, too.
    ///
    /// - Parameters:
    ///   - id: an APNs key id or `certificate`, a `private_key_id`, a mail user, an access token of Expo's; nil for all that the account has there.
    ///   - endsAccessTokens: FCM's access tokens that are out end as well. At Google they live on for their hour.
    /// - Returns: false when there is no credential of that id.
    func revoke(_ provider: ProviderName, of account: Account, id: String? = nil, endsAccessTokens: Bool = false) -> Bool {
        guard account.mark(provider, id: id, isRevoked: true) else { return false }
        providerTokens.forget()
        if provider == .fcm, endsAccessTokens { accessTokens.revokeAll(project: account.project) }
        return true
    }

    /// Believes in them again.
    func restore(_ provider: ProviderName, of account: Account, id: String? = nil) -> Bool {
        account.mark(provider, id: id, isRevoked: false)
    }

    /// Forgets what the run has seen and been told, and believes again in what was revoked of its accounts. The credentials themselves stay.
    func reset(_ world: World) {
        world.reset()
        for account in accounts.all where account.run == world.name { account.reset() }
    }

    /// Gives the account another key, password or token, and writes it to where its clients look. The older ones are believed until they are revoked,
    /// but for the password, which it replaces. Takes its time for FCM.
    func rotate(_ provider: ProviderName, of account: Account) throws {
        let own = account.credentials
        let fresh: Wallet.Fresh =
            switch provider {
            case .expo: .expo(Credentials.newExpoToken(account.org ?? "main"))
            case .apns: .apns(own.apns.successor(keyID: APNsKey.randomID()))
            case .fcm: .fcm(try own.fcm.successor())
            case .smtp: .smtp(SMTPAccount(username: own.smtp.username))
            }
        accounts.add(fresh, to: account)
        try write(account, renewsCertificate: false)
    }
}
