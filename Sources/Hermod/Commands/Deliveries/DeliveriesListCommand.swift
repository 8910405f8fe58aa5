import ArgumentParser
import Domain

struct DeliveriesListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists deliveries, newest first.")

    @OptionGroup var filter: DeliveryFilterOptions
    @OptionGroup var wanted: DeliveryStateOption
    @Option(help: "How many, 1 to 100.") var limit = 20
    @Flag(help: "Print the gateway's answer as it is.") var json = false
    @OptionGroup(title: "The gateway") var gateway: RESTOptions

    func run() async throws {
        try await gateway.withClient { client in
            let answer = try await client.get("/api/v1/deliveries" + filter.query([("limit", String(limit)), ("state", wanted.state)]))
            StandardStream.output.line(json ? answer.text : Self.table(answer))
        }
    }

    private static func table(_ answer: JSON) -> String {
        let items = answer["data"]?.array ?? []
        let total = answer["pagination"]?["total"]?.integer.map(Int.init) ?? items.count
        return table(items) + (total > items.count ? "\n(\(items.count) of \(total))" : "")
    }

    static func table(_ items: [JSON]) -> String {
        var table = TextTable(columns: ["ID", "PROVIDER", "TARGET", "STATE", "ATTEMPTS", "REASON"])
        for item in items {
            func text(_ key: String) -> String { item[key]?.string ?? "-" }
            // What stands behind a delivered message (a relay's "2.0.0") is no reason for anything.
            let reason = text("state") == "delivered" ? "-" : item["error"]?.string ?? text("reason")
            table.rows.append([
                text("id"), text("provider"), text("target"), text("state"), item["attempts"]?.integer.map(String.init) ?? "-", reason,
            ])
        }
        return table.text
    }
}
