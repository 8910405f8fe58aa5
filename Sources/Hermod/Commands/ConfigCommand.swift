import API
import ArgumentParser
import Domain
import Logging
import Providers
import Settings
import Transport
import Vault

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Looks at the configuration.", subcommands: [Check.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "Checks the configuration, the org files and their credentials, and the keys that tokens are checked with; sends no message.")

        @OptionGroup var options: ConfigurationOptions

        func run() async throws {
            let loaded: ConfigurationOptions.Loaded
            do {
                loaded = try options.load { Loggers.logger("hermod.orgs", $0) }
            } catch {
                throw fail([error])
            }
            var faults = (loaded.faults + loaded.orgs.faults).map(\.description)
            do {
                let carriers = try Carriers(loaded.configuration)
                faults += credentialFaults(loaded.orgs, carriers.inspector)
                faults += await tokenFaults(loaded.configuration, carriers)
                await carriers.shutdown(grace: .zero)
            } catch {
                faults.append(error.description)
            }
            guard faults.isEmpty else { throw fail(faults) }
            let orgs = loaded.orgs.organisations.count
            let lanes = loaded.orgs.lanes.count
            StandardStream.output.line("\(options.path): no faults; \(orgs) \(orgs == 1 ? "org" : "orgs"), \(lanes) \(lanes == 1 ? "lane" : "lanes")")
        }

        /// Everything that can be found out about credentials without sending. What is no fault and should be known all the same is told at once.
        private func credentialFaults(_ orgs: OrgFiles, _ inspector: some CredentialInspector) -> [String] {
            orgs.lanes.flatMap { lane -> [String] in
                guard let credential = orgs.credential(for: lane) else { return [] }
                do throws(CredentialFaults) {
                    let facts = try inspector.inspect(credential, now: SystemTime().now)
                    for warning in facts.warnings { StandardStream.error.line("hermod: warning: \(lane): \(warning)") }
                    return []
                } catch {
                    return error.faults.map { "\(lane): \($0)" }
                }
            }
        }

        /// Reads the key set once, from where it stands.
        private func tokenFaults(_ configuration: GatewayConfiguration, _ carriers: Carriers) async -> [String] {
            // A secret that could not be found has been told already, and what is told here is not to be logged too.
            let logger = Logger(label: "hermod.tokens") { _ in SwiftLogNoOpLogHandler() }
            do {
                let verifier = try await configuration.tokens.verifier(carriers.http, time: SystemTime(), logger: logger)
                return await verifier?.check().map { "auth.jwt.jwks: \($0)" } ?? []
            } catch {
                return ["auth.jwt.hs256_secret: can't be used as a key"]
            }
        }
    }
}
