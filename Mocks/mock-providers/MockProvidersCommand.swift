import ArgumentParser
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

    @Option(help: "How long an Expo receipt takes to appear: 500ms, 5s, 15m.")
    var receiptDelay = "0s"

    @Option(help: "The bearer that Expo asks for. None by default.")
    var expoAccessToken: String?

    @Option(help: "Notifications per second and project beyond which Expo answers 429. No limit by default; the real one has 600.")
    var expoRate: Int?

    @Option(help: "How many messages are kept whole.")
    var retention = 10_000

    @Option(help: "The bundle id that the APNs team may push to.")
    var apnsTopic = "com.example.app"

    @Flag(help: "Take mail without AUTH, and offer AUTH without TLS.")
    var smtpOpen = false

    private func mockConfiguration() throws -> MockConfiguration {
        guard let receiptDelay = Duration(shorthand: receiptDelay) else {
            throw ValidationError("--receipt-delay must be a time like 500ms, 5s or 15m, not '\(receiptDelay)'.")
        }
        var configuration = MockConfiguration()
        configuration.host = host
        configuration.httpPort = httpPort
        configuration.tlsPort = tlsPort
        configuration.smtpPort = smtpPort
        configuration.smtpsPort = smtpsPort
        configuration.caFile = caFile
        configuration.keysDirectory = keysDir
        configuration.receiptDelay = receiptDelay
        configuration.expoAccessToken = expoAccessToken
        configuration.expoRate = expoRate
        configuration.retention = retention
        configuration.apns.topic = apnsTopic
        configuration.smtp.requiresAuthentication = !smtpOpen
        configuration.smtp.authenticatesInClear = smtpOpen
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
