import ArgumentParser

struct DeliveriesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliveries", abstract: "Shows what became of messages, and why; retries, withdraws and exports them.",
        subcommands: [
            DeliveriesListCommand.self, DeliveriesShowCommand.self, DeliveriesRetryCommand.self, DeliveriesCancelCommand.self,
            DeliveriesExportCommand.self,
        ])
}
