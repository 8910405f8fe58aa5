import Domain
import Providers
import Transport

/// The two transports, opened and closed together.
struct Carriers: Sendable {
    let http: HTTPTransport
    let mail: SMTPTransport

    /// - Parameter socketCeiling: below which the numbers of sockets have to be.
    init(_ configuration: GatewayConfiguration, socketCeiling: Int = .max) throws(StartFault) {
        var transport = configuration.transport
        transport.socketCeiling = socketCeiling
        do {
            http = try HTTPTransport(configuration: transport)
            mail = try SMTPTransport(configuration: configuration.mail)
        } catch {
            throw StartFault("libcurl can't be set up: \(error)", remedy: "check providers.ca_file, a PEM file with certificates")
        }
    }

    func factory(_ configuration: GatewayConfiguration, time: any TimeSource) -> ProviderFactory {
        ProviderFactory(endpoints: configuration.endpoints, http: http, smtp: mail, time: time)
    }

    /// Reads keys and certificates; needs no carrier, and stands here beside what does.
    var inspector: CredentialExaminer { CredentialExaminer() }

    /// Asks providers what they think of a credential, through the same transports.
    func verifier(_ configuration: GatewayConfiguration, time: any TimeSource) -> CredentialProber {
        CredentialProber(
            endpoints: configuration.endpoints, http: http, smtp: mail, names: NameService(server: configuration.nameServer), time: time)
    }

    /// Lets what is under way finish for `grace` at most.
    func shutdown(grace: Duration) async {
        async let http: Void = http.shutdown(grace: grace)
        async let mail: Void = mail.shutdown(grace: grace)
        _ = await (http, mail)
    }
}
