/// What APNs holds against one connection: whose it is, and with which provider token it last came.
struct APNsBinding {
    /// Apple allows a new token at most every 20 minutes ("Establishing a token-based connection to APNs").
    static let updateInterval: Int64 = 20 * 60

    private(set) var team: String?
    private(set) var token: VerifiedProviderToken?
    private var updatedAt: Int64 = 0

    /// The stream limit that the connection has earned.
    private(set) var streamLimit = StreamLimit.closed

    /// Nil when the token may be used on this connection; otherwise the reason why not.
    mutating func admit(_ token: VerifiedProviderToken, nowSeconds: Int64) -> String? {
        if let current = self.token, current.text == token.text { return nil }
        if let team, team != token.team { return "InvalidProviderToken" }
        if self.token != nil, nowSeconds - updatedAt < Self.updateInterval { return "TooManyProviderTokenUpdates" }
        team = token.team
        self.token = token
        updatedAt = nowSeconds
        streamLimit = StreamLimit.open
        return nil
    }
}
