import ArgumentParser
import Domain
import Providers
import Settings
import Transport
import Vault

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Looks at the configuration.", subcommands: [Check.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Checks the configuration, the org files and their credentials, without opening or sending anything.")

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
                let factory = carriers.factory(loaded.configuration, time: SystemTime())
                for lane in loaded.orgs.lanes {
                    guard let credential = loaded.orgs.credential(for: lane) else { continue }
                    do { _ = try factory.make(credential) } catch { faults.append("\(lane): \(error)") }
                }
                await carriers.shutdown(grace: .zero)
            } catch {
                faults.append(error.description)
            }
            guard faults.isEmpty else { throw fail(faults) }
            let orgs = loaded.orgs.organisations.count
            let lanes = loaded.orgs.lanes.count
            StandardStream.output.line("\(options.path): no faults; \(orgs) \(orgs == 1 ? "org" : "orgs"), \(lanes) \(lanes == 1 ? "lane" : "lanes")")
        }
    }
}
