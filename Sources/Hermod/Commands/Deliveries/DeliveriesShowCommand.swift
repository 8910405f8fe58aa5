import ArgumentParser
import Domain

struct DeliveriesShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Tells why one delivery did or did not arrive: each attempt, the rule that judged it, what comes next, its lane, and what to do.")

    @Argument(help: "The delivery's id, as the list shows it.") var id: String
    @Flag(help: "Print the gateway's answer as it is.") var json = false
    @OptionGroup(title: "The gateway") var gateway: RESTOptions

    func run() async throws {
        try await gateway.withClient { client in
            let answer = try await client.get("/api/v1/deliveries/\(try RESTClient.deliveryID(id))")
            StandardStream.output.line(json ? answer.text : StoryPage(answer).text)
        }
    }
}
