import ArgumentParser

@main
struct HermodCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hermod",
        abstract: "A delivery gateway: takes notifications over REST and gets them to Expo, APNs, FCM and SMTP, provably.",
        version: version,
        subcommands: [
            ServeCommand.self, SendCommand.self, DeliveriesCommand.self, CredentialsCommand.self, KeysCommand.self, VaultCommand.self,
            DirectoryCommand.self, ConfigCommand.self, MigrateCommand.self, ProveCommand.self, ProveChildCommand.self,
        ])
}
