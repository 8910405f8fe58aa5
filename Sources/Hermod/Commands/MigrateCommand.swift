import ArgumentParser
import Storage

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Brings the database to the newest schema. `serve` does so by itself.")

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        do {
            let loaded = try options.load { Loggers.logger("hermod.orgs", $0) }
            guard loaded.faults.isEmpty else { throw fail(loaded.faults) }
            let applied = try await OpenDatabase.open(loaded.configuration.databasePath) { _, applied in applied }
            StandardStream.output.line(
                applied.isEmpty
                    ? "\(loaded.configuration.databasePath): nothing to do"
                    : "\(loaded.configuration.databasePath): applied \(applied.map(String.init).joined(separator: ", "))")
        } catch let fault as StartFault {
            throw fail([fault])
        }
    }
}
