public import Domain
public import Transport

/// Asks each provider whether it takes a credential, in a way that reaches no device and leaves no mail.
///
/// It has connections and tokens of its own: a bad key never disturbs what a lane has open. A provider's answer is judged by the same tables as in a delivery.
public struct CredentialProber: CredentialVerifier {
    private let endpoints: ProviderFactory.Endpoints
    private let http: any HTTPCarrier
    private let mail: any MailProber
    private let names: any NameAsker
    private let time: any TimeSource
    private let examiner = CredentialExaminer()
    /// Its provider tokens: APNs takes it ill when a key's token changes more often than every 20 minutes.
    private let shared = SharedState()

    public init(endpoints: ProviderFactory.Endpoints, http: HTTPTransport, smtp: SMTPTransport, names: NameService, time: any TimeSource) {
        self.init(endpoints: endpoints, carrier: http, mail: smtp, names: names, time: time)
    }

    init(endpoints: ProviderFactory.Endpoints, carrier: any HTTPCarrier, mail: any MailProber, names: any NameAsker, time: any TimeSource) {
        self.endpoints = endpoints
        http = carrier
        self.mail = mail
        self.names = names
        self.time = time
    }

    public func verify(_ credential: Credential, dns: Bool, deadline: Timestamp) async -> CredentialVerification {
        let material: CredentialMaterial
        do {
            material = try examiner.examine(credential, now: time.now).material
        } catch {
            var trial = Trial()
            for fault in error.faults { trial.failed("inspect", .refused, fault.description, summary: error.description) }
            return trial.finished("")
        }
        switch material {
        case .expo(let material): return await ExpoProbe(base: endpoints.expo, carrier: http, time: time).run(material, deadline: deadline)
        case .apns(let material):
            return await APNsProbe(base: endpoints.apns(material.environment), carrier: http, shared: shared, time: time)
                .run(material, deadline: deadline)
        case .fcm(let account): return await FCMProbe(base: endpoints.fcm, carrier: http, time: time).run(account, deadline: deadline)
        case .smtp(let material):
            return await MailProbe(mail: mail, names: names, time: time).run(material, dns: dns, deadline: deadline)
        }
    }
}

/// What mail credentials are verified through; lets tests answer in its place.
protocol MailProber: Sendable {
    func probe(sender: String, via relay: SMTPRelay, timeout: Duration) async -> SMTPProbe
}

extension SMTPTransport: MailProber {}

/// What is asked of DNS; lets tests answer in its place.
protocol NameAsker: Sendable {
    func textRecords(of name: String, timeout: Duration) async -> NameService.Answer
    func hasHost(_ name: String, timeout: Duration) async -> Bool?
}

extension NameService: NameAsker {}
