/// What the mock listens on, writes and insists on.
public struct MockConfiguration: Sendable {
    public var host = "127.0.0.1"
    /// Plain HTTP: every provider, and the control API. 0 picks a free port.
    public var httpPort = 9090
    /// TLS with HTTP/2 by ALPN: every provider.
    public var tlsPort = 9443
    /// SMTP with STARTTLS.
    public var smtpPort = 2525
    /// SMTP over TLS.
    public var smtpsPort = 2465
    /// Where the CA certificate goes; its key goes beside it. Both are taken as they are when they exist.
    public var caFile: String?
    /// Where the credentials go that the mock believes in. Those that exist are kept.
    public var keysDirectory: String?
    /// Further accounts beside the main one, by name: small letters, digits and `-`. Their files lie in a directory of that name in `keysDirectory`.
    public var accounts: [String] = []
    /// How many messages are kept whole; older ones are only counted.
    public var retention = 10_000
    /// How long an Expo receipt takes to appear (the real one: about 15 minutes).
    public var receiptDelay: Duration = .zero
    /// The bearer that Expo asks for; nil asks for none.
    public var expoAccessToken: String?
    /// Notifications per second and project beyond which Expo answers 429 (the real one: 600); nil never does.
    public var expoRate: Int?
    public var fcmProject = "mock-project"
    /// What is wrong with the certificate of the TLS ports; nil for nothing.
    public var certificateFlaw: CertificateFlaw?
    public var fcm = FCM()
    public var apns = APNs()
    public var smtp = SMTP()

    public struct FCM: Sendable {
        /// Messages a minute and project beyond which the answer is 429 QUOTA_EXCEEDED (the real one: 600,000); nil never is.
        public var messagesPerMinute: Int?
        /// The same for each registration (the real one, by hearsay: 240).
        public var messagesPerMinuteAndDevice: Int?

        public init() {}
    }

    public struct APNs: Sendable {
        public var teamID = "MOCKTEAM01"
        public var keyID = "MOCKKEY001"
        /// The app's bundle id; the suffixed topics of the push types come with it.
        public var topic = "com.example.app"
        /// One stream until the first accepted provider token, as APNs does.
        public var opensWithOneStream = true
        /// After so long without a request APNs says GOAWAY with `IdleTimeout`; nil never does.
        public var idleTimeout: Duration?

        public init() {}
    }

    public struct SMTP: Sendable {
        /// MAIL before AUTH is answered 530.
        public var requiresAuthentication = true
        /// AUTH is offered before STARTTLS as well. Real submission servers don't.
        public var authenticatesInClear = false
        public var maximumSize = 25 << 20
        public var maximumRecipients = 100
        /// How long `greylist@…` is told to come back later, counted from its first attempt.
        public var greylisting: Duration = .seconds(300)
        /// Greylist every recipient, not only `greylist@…`.
        public var greylistsAll = false
        /// What EHLO announces. What is not announced does not work either.
        public var capabilities = Set(Capability.allCases)
        /// Connections at a time beyond which the greeting is 421; nil for any number.
        public var maximumConnections: Int?
        /// Mails after which MAIL is answered 421 and the connection closed; nil for any number.
        public var messagesPerConnection: Int?
        /// Silence after which the server says 421 and hangs up; nil for never.
        public var idleTimeout: Duration?

        public enum Capability: String, Sendable, Hashable, CaseIterable {
            case pipelining = "PIPELINING"
            case size = "SIZE"
            case eightBitMIME = "8BITMIME"
            case smtpUTF8 = "SMTPUTF8"
            case enhancedStatusCodes = "ENHANCEDSTATUSCODES"
            case startTLS = "STARTTLS"
            case authPlain = "AUTH-PLAIN"
            case authLogin = "AUTH-LOGIN"
            case authXOAuth2 = "AUTH-XOAUTH2"
            case authOAuthBearer = "AUTH-OAUTHBEARER"

            /// The mechanism of AUTH that it stands for.
            var mechanism: String? { rawValue.hasPrefix("AUTH-") ? String(rawValue.dropFirst("AUTH-".count)) : nil }
        }

        public init() {}
    }

    public init() {}

    /// Free ports everywhere.
    public static var ephemeral: MockConfiguration {
        var configuration = MockConfiguration()
        configuration.httpPort = 0
        configuration.tlsPort = 0
        configuration.smtpPort = 0
        configuration.smtpsPort = 0
        return configuration
    }
}
