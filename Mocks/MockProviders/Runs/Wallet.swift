/// A key, password or token that the mock has given out, and whether its provider still believes in it.
struct Held<Secret: Sendable>: Sendable {
    let secret: Secret
    var isRevoked = false
}

/// What one account may show to the providers. Where it may have several, the newest comes last.
struct Wallet: Sendable {
    /// By this id the account's client certificates are meant, all of them.
    static let certificates = "certificate"

    /// More rotations than anybody tries; the oldest are forgotten then.
    static let limit = 20

    private(set) var newest: Credentials
    private(set) var apns: [Held<APNsKey>]
    private(set) var areCertificatesRevoked = false
    private(set) var fcm: [Held<ServiceAccount>]
    /// A mail user has one password.
    private(set) var smtp: Held<SMTPAccount>
    private(set) var expo: [Held<String>]
    /// The senders that the mail user may name: an address, or `*@` and a domain. Empty for any.
    var senders: [String]
    /// Those that it was made with.
    private let ownSenders: [String]

    init(_ credentials: Credentials, senders: [String] = []) {
        self.senders = senders
        ownSenders = senders
        newest = credentials
        apns = [Held(secret: credentials.apns)]
        fcm = [Held(secret: credentials.fcm)]
        smtp = Held(secret: credentials.smtp)
        expo = credentials.expoAccessToken.map { [Held(secret: $0)] } ?? []
    }

    /// What a rotation brings. The older ones are believed until they are revoked, but for the password, which it replaces.
    enum Fresh: Sendable {
        case apns(APNsKey)
        case fcm(ServiceAccount)
        case smtp(SMTPAccount)
        case expo(String)
    }

    mutating func add(_ fresh: Fresh) {
        switch fresh {
        case .apns(let key):
            apns = apns.suffix(Self.limit - 1) + [Held(secret: key)]
            newest.apns = key
        case .fcm(let account):
            fcm = fcm.suffix(Self.limit - 1) + [Held(secret: account)]
            newest.fcm = account
        case .smtp(let account):
            smtp = Held(secret: account)
            newest.smtp = account
        case .expo(let token):
            expo = expo.suffix(Self.limit - 1) + [Held(secret: token)]
            newest.expoAccessToken = token
        }
    }

    /// One line of the list of what an account holds.
    struct Entry: Sendable, Hashable {
        var provider: ProviderName
        var id: String
        var isRevoked: Bool
    }

    var entries: [Entry] {
        expo.map { Entry(provider: .expo, id: $0.secret, isRevoked: $0.isRevoked) }
            + apns.map { Entry(provider: .apns, id: $0.secret.keyID, isRevoked: $0.isRevoked) }
            + [Entry(provider: .apns, id: Self.certificates, isRevoked: areCertificatesRevoked)]
            + fcm.map { Entry(provider: .fcm, id: $0.secret.keyID, isRevoked: $0.isRevoked) }
            + [Entry(provider: .smtp, id: smtp.secret.username, isRevoked: smtp.isRevoked)]
    }

    /// Ends or restores the belief in one of the provider's credentials, or in all of them. False when there is none of that id.
    mutating func mark(_ provider: ProviderName, id: String?, isRevoked: Bool) -> Bool {
        let isKnown = entries.contains { $0.provider == provider && (id == nil || id == $0.id) }
        func means(_ own: String) -> Bool { id == nil || id == own }
        switch provider {
        case .expo: for index in expo.indices where means(expo[index].secret) { expo[index].isRevoked = isRevoked }
        case .apns:
            for index in apns.indices where means(apns[index].secret.keyID) { apns[index].isRevoked = isRevoked }
            if means(Self.certificates) { areCertificatesRevoked = isRevoked }
        case .fcm: for index in fcm.indices where means(fcm[index].secret.keyID) { fcm[index].isRevoked = isRevoked }
        case .smtp: if means(smtp.secret.username) { smtp.isRevoked = isRevoked }
        }
        return isKnown
    }

    /// Believes in everything again, as in the beginning.
    mutating func reset() {
        for provider in ProviderName.allCases { _ = mark(provider, id: nil, isRevoked: false) }
        senders = ownSenders
    }

    func maySend(as sender: String) -> Bool {
        // Bounces have no sender, and every user may return one.
        if senders.isEmpty || sender.isEmpty { return true }
        let sender = sender.lowercased()
        return senders.contains { own in
            let own = own.lowercased()
            return own.hasPrefix("*@") ? sender.hasSuffix(own.dropFirst()) : sender == own
        }
    }
}
