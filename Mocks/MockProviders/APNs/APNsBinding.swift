/// What APNs holds against one connection: whose it is, with which provider token it last came, and how often it has been told no.
struct APNsBinding {
    /// Apple allows a new token at most every 20 minutes ("Establishing a token-based connection to APNs").
    static let updateInterval: Int64 = 20 * 60
    /// Refusals without a success between them after which the connection is slowed down. Apple says that it does so, but not when.
    static let patience = 100

    private(set) var team: String?
    private(set) var keyID: String?
    private(set) var token: String?
    private var updatedAt: Int64 = 0
    private var refusals = 0

    /// The stream limit that the connection has earned.
    private(set) var streamLimit = StreamLimit.closed

    /// Nil when the token may be used on this connection; otherwise the reason why not.
    mutating func admit(_ token: VerifiedProviderToken, nowSeconds: Int64) -> String? {
        if self.token == token.text { return nil }
        let key = token.key
        if let team, team != key.teamID { return "InvalidProviderToken" }
        if let keyID, keyID != key.keyID { return "UnrelatedKeyIdInToken" }
        if self.token != nil, nowSeconds - updatedAt < Self.updateInterval { return "TooManyProviderTokenUpdates" }
        team = key.teamID
        keyID = key.keyID
        self.token = token.text
        updatedAt = nowSeconds
        streamLimit = StreamLimit.open
        return nil
    }

    /// A certificate is believed from the handshake on.
    mutating func admitCertificate() {
        if team == nil { streamLimit = StreamLimit.open }
        team = team ?? "certificate"
    }

    /// Errors of the client's make APNs slow the connection; 410 does not count (Apple, "Handling notification responses from APNs").
    mutating func count(status: Int) {
        guard team != nil else { return }
        if status == 200 {
            refusals = 0
            streamLimit = StreamLimit.open
        } else if (400..<500).contains(status), status != 410 {
            refusals += 1
            if refusals >= Self.patience { streamLimit = StreamLimit.closed }
        }
    }
}
