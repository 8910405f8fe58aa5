/// One account at the providers, and what a client shows there.
///
/// Accounts refuse each other's credentials: an org has a team, project, access token and mail user of its own.
public struct MockAccount: Sendable {
    private let universe: Universe
    private let account: Account

    init(universe: Universe, account: Account) {
        self.universe = universe
        self.account = account
    }

    /// The org that scripts and filters know it by; nil for the main account and for those of runs.
    public var org: String? { account.org }

    // MARK: The newest credentials

    public var apnsTeamID: String { account.teamID }
    public var apnsKeyID: String { account.credentials.apns.keyID }
    public var apnsTopic: String { account.topic }
    /// In PEM, as in a `.p8` file.
    public var apnsPrivateKey: String { account.credentials.apns.pem }
    public var fcmProject: String { account.project }
    /// The JSON that Google gives out for a service account.
    public var serviceAccount: String { account.credentials.fcm.description(tokenURI: universe.tokenURI) }
    public var serviceAccountKeyID: String { account.credentials.fcm.keyID }
    public var mailUser: String { account.username }
    public var mailPassword: String { account.credentials.smtp.password }
    public var expoAccessToken: String? { account.credentials.expoAccessToken }
    /// The project whose tokens (`ExponentPushToken[project-ORG-…]`) are open to the account's access token only.
    public var expoProject: String? { account.expoProject }

    /// A `.p12` with a certificate of the account's team for its topic.
    ///
    /// - Parameters:
    ///   - lifetime: how long it holds from now on; less than nothing makes one that has expired.
    ///   - environment: the only one it is good for; nil for both.
    public func clientCertificate(lifetime: Duration = .seconds(397 * 86_400), environment: APNsEnvironment? = nil, password: String) throws
        -> [UInt8]
    {
        try universe.clientIdentity(of: account, lifetime: lifetime, environment: environment, password: password).p12
    }

    // MARK: Revoked, restored, renewed

    /// Ends the belief in one of the provider's credentials, or in all of them: APNs answers 403 InvalidProviderToken (BadCertificate to a
    /// certificate), the token endpoint invalid_grant, a mail server 535, Expo UNAUTHORIZED.
    ///
    /// - Parameters:
    ///   - id: an APNs key id or `certificate`, a `private_key_id`, an access token of Expo's.
    ///   - endsAccessTokens: FCM's access tokens that are out end as well. At Google they live on for their hour.
    /// - Returns: false when the account has no credential of that id.
    @discardableResult
    public func revoke(_ provider: ProviderName, id: String? = nil, endsAccessTokens: Bool = false) -> Bool {
        universe.revoke(provider, of: account, id: id, endsAccessTokens: endsAccessTokens)
    }

    /// Believes in them again.
    @discardableResult
    public func restore(_ provider: ProviderName, id: String? = nil) -> Bool { universe.restore(provider, of: account, id: id) }

    /// Gives the account another key, password or token; the older ones are believed until they are revoked, but for the password, which it replaces.
    ///
    /// Takes the better part of a second for FCM.
    public func rotate(_ provider: ProviderName) throws { try universe.rotate(provider, of: account) }

    /// The senders that the mail user may name at MAIL: addresses, or `*@` and a domain. Empty for any.
    public func setSenders(_ senders: [String]) { account.setSenders(senders) }
}

extension MockRun {
    /// The account of the run, or of one org of it; made when it is asked for the first time, which for an org takes the better part of a second.
    ///
    /// - Throws: `SetUpFault` when there are too many accounts.
    public func account(org: String? = nil) throws -> MockAccount {
        guard let account = try universe.accounts.account(run: name, org: org) else {
            throw SetUpFault("there are \(Accounts.limit) accounts already")
        }
        return MockAccount(universe: universe, account: account)
    }
}

extension MockProviders {
    /// The account of those who name no run, or of one org. See `MockRun.account(org:)`.
    public func account(org: String? = nil) throws -> MockAccount { try main.account(org: org) }
}
