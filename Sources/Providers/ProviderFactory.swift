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
    private let examiner = CredentialExaminer()
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

    /// Throws what an inspection of the credential finds: it can be seen to be unusable without asking the provider.
    public func make(_ credential: Credential) throws(CredentialFaults) -> any Provider {
        switch try examiner.examine(credential, now: time.now).material {
        case .expo(let material): make(material)
        case .apns(let material): make(material)
        case .fcm(let account): make(account)
        case .smtp(let material): SMTPProvider(material, carrier: smtp, time: time)
        }
    }

    private func make(_ material: ExpoMaterial) -> ExpoProvider {
        ExpoProvider(
            requests: ExpoRequest(base: endpoints.expo.withoutFinalSlashes, accessToken: material.accessToken), accessToken: material.accessToken,
            group: ConnectionGroup(name: "expo"), carrier: carrier, time: time)
    }

    private func make(_ material: APNsMaterial) -> APNsProvider {
        let group: ConnectionGroup
        var tokens: ProviderTokenCache?
        switch material.identity {
        case .key(let key):
            tokens = shared.providerTokens(for: key, fingerprint: material.fingerprint)
            // APNs binds a connection to the first key that it takes there, and slows down clients that change their token on one: two keys of a team,
            // such as the old and the new one of a rotation, must not meet on it.
            group = ConnectionGroup(name: "apns/\(material.environment.rawValue)/\(key.teamID)/\(key.keyID)", opensWithOne: true)
        case .certificate(let certificate):
            group = ConnectionGroup(
                name: "apns/\(material.environment.rawValue)/certificate/\(material.fingerprint)",
                clientCertificate: .init(p12: certificate.p12, password: certificate.password))
        }
        let connection = shared.connection(group)
        connection.join(material.topic)
        return APNsProvider(
            requests: APNsRequest(base: endpoints.apns(material.environment), topic: material.topic), connection: connection, tokens: tokens,
            carrier: carrier, time: time)
    }

    private func make(_ account: FCMServiceAccount) -> FCMProvider {
        let tokens = shared.accessTokens(named: account.name) { FCMAccessTokens(account: account, carrier: carrier, time: time) }
        return FCMProvider(
            project: account.projectID, requests: FCMRequest(base: endpoints.fcm.withoutFinalSlashes, projectID: account.projectID), tokens: tokens,
            group: ConnectionGroup(name: "fcm"), carrier: carrier, time: time)
    }
}

extension ProviderFactory.Endpoints {
    func apns(_ environment: APNsAccount.Environment) -> String {
        (environment == .production ? apnsProduction : apnsSandbox).withoutFinalSlashes
    }
}

extension String {
    var withoutFinalSlashes: String {
        var url = self
        while url.hasSuffix("/") { url.removeLast() }
        return url
    }
}
