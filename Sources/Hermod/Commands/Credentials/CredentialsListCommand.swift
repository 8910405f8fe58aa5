import ArgumentParser
import Domain

struct CredentialsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists credentials: where they come from, how they do, how many days they have left. Never their secrets.")

    @Option(help: ArgumentHelp("Only those of this org; otherwise of all that the caller sees.", valueName: "org")) var org: String?
    @Flag(help: "Print what the gateway answers, as one JSON object.") var json = false
    @OptionGroup(title: "The gateway") var gateway: RESTOptions

    func run() async throws {
        try await gateway.withClient { client in
            let items = try await CredentialCalls(client).list(org: org)
            if json {
                StandardStream.output.line(JSON.object(["data": .array(items)]).text)
            } else {
                StandardStream.output.line(items.isEmpty ? "no credentials" : CredentialWords.table(items))
            }
        }
    }
}
