/// What all connections share: who is believed, what was received, what is to go wrong.
///
/// One world is one test run. Isolating parallel runs means choosing a world per request; nothing below needs to know.
final class World: Sendable {
    let credentials: Credentials
    let configuration: MockConfiguration
    let clock: MockClock
    /// FCM's token endpoint, as the service account names it.
    let tokenURI: String
    let log: MessageLog
    let scripts = ScriptBook()
    let providerTokens: ProviderTokenVerifier
    let accessTokens: AccessTokens
    let expo: ExpoState
    let greylist = Greylist()

    init(credentials: Credentials, configuration: MockConfiguration, clock: MockClock, tokenURI: String) {
        self.credentials = credentials
        self.configuration = configuration
        self.clock = clock
        self.tokenURI = tokenURI
        log = MessageLog(retention: configuration.retention)
        providerTokens = ProviderTokenVerifier(key: credentials.apns)
        accessTokens = AccessTokens()
        expo = ExpoState()
    }

    /// Forgets what was received and scripted. Credentials and access tokens stay.
    func reset() {
        log.removeAll()
        scripts.removeAll()
        expo.removeAll()
        greylist.removeAll()
    }
}
