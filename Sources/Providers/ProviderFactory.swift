public import Domain
public import Transport

/// Makes a lane's provider from its credential.
public struct ProviderFactory: Sendable {
    /// Where the providers live; overridden to reach the mocks.
    public struct Endpoints: Sendable {
        public var expo = "https://exp.host"
        public var apnsProduction = "https://api.push.apple.com"
        public var apnsSandbox = "https://api.sandbox.push.apple.com"
        public var fcm = "https://fcm.googleapis.com"

        public init() {}
    }

    private let endpoints: Endpoints
    private let carrier: any HTTPCarrier
    private let smtp: SMTPTransport
    private let time: any TimeSource
    private let shared = SharedState()

    public init(endpoints: Endpoints, http: HTTPTransport, smtp: SMTPTransport, time: any TimeSource) {
        self.init(endpoints: endpoints, carrier: http, smtp: smtp, time: time)
    }

    init(endpoints: Endpoints, carrier: any HTTPCarrier, smtp: SMTPTransport, time: any TimeSource) {
        self.endpoints = endpoints
        self.carrier = carrier
        self.smtp = smtp
        self.time = time
    }

    /// Throws `CredentialFault` when the credential can be seen to be unusable without asking the provider.
    public func make(_ credential: Credential) throws -> any Provider {
        switch credential.account {
        case .expo(let account): try make(account)
        case .apns(let account): try make(account)
        case .fcm(let account): try make(account)
        case .smtp(let account): try SMTPProvider(account: account, transport: smtp, time: time)
        }
    }

    private func make(_ account: ExpoAccount) throws -> ExpoProvider {
        let token = try account.accessToken.map { secret in
            let token = secret.revealText()
            guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw CredentialFault(
                    field: "access_token", message: "the access token is empty or contains spaces, line breaks or other signs that no token has",
                    remedy: "Use the token as the Expo dashboard shows it, or leave the member out where enhanced push security is off")
            }
            return token
        }
        return ExpoProvider(
            requests: ExpoRequest(base: Self.trimmed(endpoints.expo), accessToken: token), accessToken: token,
            group: ConnectionGroup(name: "expo"), carrier: carrier, time: time)
    }

    private func make(_ account: APNsAccount) throws -> APNsProvider {
        guard !account.topic.isEmpty, account.topic.utf8.allSatisfy(Self.isTopicByte) else {
            throw CredentialFault(
                field: "topic",
                message: account.topic.isEmpty ? "the topic is missing" : "the topic has signs other than letters, digits, points and hyphens",
                remedy: "It is the app's bundle id, such as com.example.app")
        }
        let base = account.environment == .production ? endpoints.apnsProduction : endpoints.apnsSandbox
        let group: ConnectionGroup
        var tokens: ProviderTokenCache?
        let user: String
        switch account.identity {
        case .key(let pem, let keyID, let teamID):
            let key = try APNsSigningKey(pem: pem, keyID: keyID, teamID: teamID)
            tokens = shared.providerTokens(for: key, fingerprint: Fingerprint.of(pem.reveal()))
            // APNs binds a connection to the first key that it takes there, and slows down clients that change their token on one: two keys of a team,
            // such as the old and the new one of a rotation, must not meet on it.
            group = ConnectionGroup(name: "apns/\(account.environment.rawValue)/\(teamID)/\(keyID)", opensWithOne: true)
            user = account.topic
        case .certificate(let p12, let password):
            let bytes = p12.reveal()
            try Self.checkP12(bytes)
            group = ConnectionGroup(
                name: "apns/\(account.environment.rawValue)/certificate/\(Fingerprint.of(bytes))",
                clientCertificate: .init(p12: bytes, password: password.revealText()))
            user = account.topic
        }
        let connection = shared.connection(group)
        connection.join(user)
        return APNsProvider(
            requests: APNsRequest(base: Self.trimmed(base), topic: account.topic), connection: connection, tokens: tokens, carrier: carrier,
            time: time)
    }

    private func make(_ account: FCMAccount) throws -> FCMProvider {
        let serviceAccount = try FCMServiceAccount(account)
        let name = [account.clientEmail, account.privateKeyID, account.tokenURI, Fingerprint.of(account.privateKey.reveal())].joined(separator: " ")
        let tokens = shared.accessTokens(named: name) { FCMAccessTokens(account: serviceAccount, carrier: carrier, time: time) }
        return FCMProvider(
            requests: FCMRequest(base: Self.trimmed(endpoints.fcm), projectID: account.projectID), tokens: tokens,
            group: ConnectionGroup(name: "fcm"),
            carrier: carrier, time: time)
    }

    private static func isTopicByte(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...122).contains(byte | 0x20) || byte == 45 || byte == 46
    }

    /// Whether the password fits is seen at the first connection only.
    private static func checkP12(_ bytes: [UInt8]) throws(CredentialFault) {
        // Every PKCS#12 file is a DER sequence.
        guard bytes.first == 0x30 else {
            throw CredentialFault(
                field: "certificate", message: bytes.isEmpty ? "the certificate file is empty" : "the certificate is no PKCS#12 file",
                remedy: "Export certificate and key together as .p12; openssl pkcs12 -export does it from PEM files")
        }
    }

    private static func trimmed(_ url: String) -> String {
        var url = url
        while url.hasSuffix("/") { url.removeLast() }
        return url
    }
}
