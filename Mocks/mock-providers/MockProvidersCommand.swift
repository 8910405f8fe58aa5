public import ArgumentParser
import Foundation
import Logging
import MockProviders
import ServiceLifecycle
import UnixSignals

@main
struct MockProvidersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mock-providers",
        abstract: "Expo, APNs, FCM and a mail relay on this machine, for development and tests.",
        discussion: "Says on standard output which ports it listens on, then serves until SIGTERM or SIGINT.")

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "Plain HTTP/1.1: every provider but APNs, and the control API. 0 picks a free port.")
    var httpPort = 9090

    @Option(help: "TLS with HTTP/2: every provider. 0 picks a free port.")
    var tlsPort = 9443

    @Option(help: "SMTP with STARTTLS. 0 picks a free port.")
    var smtpPort = 2525

    @Option(help: "SMTP over TLS. 0 picks a free port.")
    var smtpsPort = 2465

    @Option(help: "Where to write the CA certificate that clients shall trust; an existing one is used again.")
    var caFile: String?

    @Option(help: "Where to write the credentials that the mock believes in; existing ones are used again.")
    var keysDir: String?

    @Option(
        help: ArgumentHelp(
            "A further account, several times if need be: other team, project, user and access token. Its files lie in KEYS-DIR/NAME.",
            valueName: "name"))
    var account: [String] = []

    @Option(help: "How long an Expo receipt takes to appear: 500ms, 5s, 15m.")
    var receiptDelay = "0s"

    @Option(help: "The bearer that Expo asks for. None by default.")
    var expoAccessToken: String?

    @Option(help: "Notifications per second and project beyond which Expo answers 429. No limit by default; the real one has 600.")
    var expoRate: Int?

    @Option(help: "Messages a minute and project beyond which FCM answers 429. No limit by default; the real one has 600000.")
    var fcmQuota: Int?

    @Option(help: "Messages a minute and device beyond which FCM answers 429. No limit by default; the real one is said to have 240.")
    var fcmDeviceQuota: Int?

    @Option(help: "How many messages are kept whole.")
    var retention = 10_000

    @Option(help: "The bundle id that the APNs team may push to.")
    var apnsTopic = "com.example.app"

    @Flag(help: "Let APNs take many streams from the start, for load tools that don't wait for its settings.")
    var apnsOpenStreams = false

    @Option(help: "Silence after which APNs says GOAWAY with IdleTimeout: 500ms, 5s, 15m. Never by default.")
    var apnsIdleTimeout: String?

    @Option(help: ArgumentHelp("What is wrong with the certificate of the TLS ports: expired, self-signed or wrong-name.", valueName: "flaw"))
    var certificate: CertificateFlaw?

    @Option(
        help: ArgumentHelp(
            "What EHLO does not announce, several times if need be: PIPELINING, SIZE, 8BITMIME, SMTPUTF8, ENHANCEDSTATUSCODES, STARTTLS, AUTH-PLAIN, "
                + "AUTH-LOGIN, AUTH-XOAUTH2, AUTH-OAUTHBEARER.", valueName: "capability"))
    var smtpWithout: [MockConfiguration.SMTP.Capability] = []

    @Option(help: "Mail connections at a time beyond which the greeting is 421.")
    var smtpConnections: Int?

    @Option(help: "Mails on one connection after which it is closed with 421.")
    var smtpMessages: Int?

    @Option(help: "Silence after which a mail connection is closed with 421: 500ms, 5s, 15m. Never by default.")
    var smtpIdleTimeout: String?

    @Flag(help: "Greylist every recipient, not only greylist@….")
    var smtpGreylist = false

    @Flag(help: "Take mail without AUTH, and offer AUTH without TLS.")
    var smtpOpen = false

    private static func duration(_ text: String, _ option: String) throws -> Duration {
        guard let duration = Duration(shorthand: text) else {
            throw ValidationError("\(option) must be a time like 500ms, 5s or 15m, not '\(text)'.")
        }
        return duration
    }

    private func mockConfiguration() throws -> MockConfiguration {
        var configuration = MockConfiguration()
        configuration.host = host
        configuration.httpPort = httpPort
        configuration.tlsPort = tlsPort
        configuration.smtpPort = smtpPort
        configuration.smtpsPort = smtpsPort
        configuration.caFile = caFile
        configuration.keysDirectory = keysDir
        configuration.accounts = account
        configuration.receiptDelay = try Self.duration(receiptDelay, "--receipt-delay")
        configuration.certificateFlaw = certificate
        configuration.expoAccessToken = expoAccessToken
        configuration.expoRate = expoRate
        configuration.fcm.messagesPerMinute = fcmQuota
        configuration.fcm.messagesPerMinuteAndDevice = fcmDeviceQuota
        configuration.retention = retention
        configuration.apns.topic = apnsTopic
        configuration.apns.opensWithOneStream = !apnsOpenStreams
        configuration.apns.idleTimeout = try apnsIdleTimeout.map { try Self.duration($0, "--apns-idle-timeout") }
        configuration.smtp.requiresAuthentication = !smtpOpen
        configuration.smtp.authenticatesInClear = smtpOpen
        configuration.smtp.capabilities.subtract(smtpWithout)
        configuration.smtp.maximumConnections = smtpConnections
        configuration.smtp.messagesPerConnection = smtpMessages
        configuration.smtp.idleTimeout = try smtpIdleTimeout.map { try Self.duration($0, "--smtp-idle-timeout") }
        configuration.smtp.greylistsAll = smtpGreylist
        return configuration
    }

    func run() async throws {
        let mocks: MockProviders
        do {
            mocks = try await MockProviders(mockConfiguration())
        } catch let fault as SetUpFault {
            throw ValidationError(fault.description)
        }
        var line = "mock-providers ready http=\(host):\(mocks.httpPort) tls=\(host):\(mocks.tlsPort) smtp=\(host):\(mocks.smtpPort)"
        line += " smtps=\(host):\(mocks.smtpsPort) ca=\(caFile ?? "-") keys=\(keysDir ?? "-")\n"
        // Written past any buffer, so that whoever waits for the line gets it now.
        try FileHandle.standardOutput.write(contentsOf: Data(line.utf8))
        let group = ServiceGroup(
            services: [mocks], gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "mock-providers") { _ in SwiftLogNoOpLogHandler() }
        )
        try await group.run()
    }
}

extension CertificateFlaw: ExpressibleByArgument {}
extension MockConfiguration.SMTP.Capability: ExpressibleByArgument {}
