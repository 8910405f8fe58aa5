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

    public init(endpoints: Endpoints, http: HTTPTransport, smtp: SMTPTransport, time: any TimeSource) {
        fatalError("to be built")
    }

    /// Throws `CredentialFault` when the credential can be seen to be unusable without asking the provider.
    public func make(_ credential: Credential) throws -> any Provider {
        fatalError("to be built")
    }
}
