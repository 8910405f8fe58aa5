import ArgumentParser

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Runs the gateway until SIGTERM or SIGINT; a second signal ends it at once.")

    @OptionGroup var options: ConfigurationOptions

    /// Not for production: whoever can write that file sets this gateway's clock.
    @Option(help: .private)
    var steeredClock: String?

    func run() async throws {
        do {
            try PrivateProcess.begin()
            Heaps.bound()
            let loaded = try options.load { Loggers.logger("hermod.orgs", $0) }
            guard loaded.faults.isEmpty else { throw fail(loaded.faults) }
            var process = GatewayProcess(
                configuration: loaded.configuration, orgs: loaded.orgs, masterKeys: try loaded.masterKeys.get(), templates: loaded.templates)
            if let steeredClock { process.time = try SteeredTime(path: steeredClock) }
            try await process.run()
        } catch let fault as StartFault {
            throw fail([fault])
        }
    }
}
