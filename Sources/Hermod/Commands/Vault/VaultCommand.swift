import ArgumentParser
import Settings
import Storage
import Vault

struct VaultCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vault",
        abstract:
            "Makes and changes the master key that seals credentials, and tells what stands under which; a gateway may run on the database meanwhile.",
        subcommands: [VaultGenerateKeyCommand.self, VaultStatusCommand.self, VaultRotateMasterCommand.self])
}

/// `--config`, and what it names: the database's credentials and the master keys.
struct VaultOptions: ParsableArguments {
    @OptionGroup var options: ConfigurationOptions

    func withVault(_ body: (CredentialStore, MasterKeySource) async throws -> Void) async throws {
        do {
            try PrivateProcess.begin()
            let loaded = try options.load { Loggers.logger("hermod.orgs", $0) }
            let keys = try loaded.masterKeys.get()
            try await OpenDatabase.beside(loaded.configuration.databasePath) { database in
                try await body(CredentialStore(GroupCommit(database: database)), keys)
            }
        } catch let fault as StartFault {
            throw fail([fault])
        } catch let fault as SettingsFault {
            throw fail([fault])
        } catch let fault as VaultFault {
            throw fail([fault])
        } catch let error as StorageError {
            throw fail([StartFault("the database did not take it: \(error)", remedy: "try again")])
        }
    }
}
