import API
import ArgumentParser
import Storage

struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Makes, lists and revokes API keys, directly in the database that the configuration names; a gateway may run on it meanwhile.",
        subcommands: [KeysCreateCommand.self, KeysListCommand.self, KeysRevokeCommand.self])
}

/// `--config`, and the keys in the database that it names.
struct KeyStoreOptions: ParsableArguments {
    @OptionGroup var options: ConfigurationOptions

    func withStores(_ body: (Stores, ConfigurationOptions.Loaded) async throws -> Void) async throws {
        do {
            let loaded = try options.load { Loggers.logger("hermod.orgs", $0) }
            // What is wrong elsewhere keeps the gateway from starting, but not an operator from taking a key back.
            try await OpenDatabase.beside(loaded.configuration.databasePath) { database in
                try await body(Stores(GroupCommit(database: database)), loaded)
            }
        } catch let fault as StartFault {
            throw fail([fault])
        } catch let error as StorageError {
            throw fail([StartFault("the database did not take it: \(error)", remedy: "try again")])
        }
    }
}
