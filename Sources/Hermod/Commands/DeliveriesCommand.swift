import ArgumentParser
import Domain

struct DeliveriesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliveries", abstract: "Shows what became of messages.", subcommands: [List.self, Show.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists deliveries, newest first.")

        @Option(help: "Only those of this provider: expo, apns, fcm, smtp or in_app.") var provider: String?
        @Option(help: "Only those in this state: queued, sending, sent, delivered, failed or cancelled.") var state: String?
        @Option(help: "Only those to this user.") var user: String?
        @Option(help: "Only those of this notification.") var notification: String?
        @Option(help: "How many, 1 to 100.") var limit = 20
        @Flag(help: "Print the gateway's answer as it is.") var json = false
        @OptionGroup var gateway: RESTOptions

        func run() async throws {
            var query = "?limit=\(limit)"
            for (name, value) in [("provider", provider), ("state", state), ("user_id", user), ("notification_id", notification)] {
                if let value { query += "&\(name)=\(RESTClient.encoded(value))" }
            }
            try await gateway.withClient { client in
                let answer = try await client.get("/api/v1/deliveries" + query)
                StandardStream.output.line(json ? answer.text : Self.table(answer))
            }
        }

        private static func table(_ answer: JSON) -> String {
            var table = TextTable(columns: ["ID", "PROVIDER", "TARGET", "STATE", "ATTEMPTS", "REASON"])
            for item in answer["data"]?.array ?? [] {
                func text(_ key: String) -> String { item[key]?.string ?? "-" }
                // What stands behind a delivered message (a relay's "2.0.0") is no reason for anything.
                let reason = text("state") == "delivered" ? "-" : item["error"]?.string ?? text("reason")
                table.rows.append([
                    text("id"), text("provider"), text("target"), text("state"), item["attempts"]?.integer.map(String.init) ?? "-",
                    reason,
                ])
            }
            let shown = table.rows.count
            let total = answer["pagination"]?["total"]?.integer.map(Int.init) ?? shown
            return table.text + (total > shown ? "\n(\(shown) of \(total))" : "")
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Tells one delivery's story: each attempt, the rule that judged it, what comes next, and its lane.")

        @Argument(help: "The delivery's id, as the list shows it.") var id: String
        @Flag(help: "Print the gateway's answer as it is.") var json = false
        @OptionGroup var gateway: RESTOptions

        func run() async throws {
            guard id.utf8.allSatisfy({ $0 == UInt8(ascii: "_") || Character(UnicodeScalar($0)).isLetter || Character(UnicodeScalar($0)).isNumber })
            else {
                throw fail([StartFault("\"\(id)\" is no delivery's id", remedy: "hermod deliveries list shows them")])
            }
            try await gateway.withClient { client in
                let answer = try await client.get("/api/v1/deliveries/\(id)")
                StandardStream.output.line(json ? answer.text : Self.story(answer))
            }
        }

        private static func story(_ delivery: JSON) -> String {
            func text(_ key: String) -> String { delivery[key]?.string ?? "-" }
            var lines = ["\(text("id")): \(text("state")), to \(text("target")) through \(text("provider"))", ""]
            var table = TextTable(columns: ["AT", "WHAT", "RULE", "STATUS", "DETAIL"])
            for event in delivery["timeline"]?.array ?? [] {
                let number = event["number"]?.integer.map { " \($0)" } ?? ""
                let took = event["duration_ms"]?.integer.map { " (\($0) ms)" } ?? ""
                table.rows.append([
                    event["at"]?.string ?? "-", (event["event"]?.string ?? "-") + number + took, event["rule"]?.string ?? "-",
                    event["status"]?.integer.map(String.init) ?? "-", event["detail"]?.string ?? event["reason"]?.string ?? "-",
                ])
            }
            lines.append(table.text)
            if let lane = delivery["lane"] {
                let why = lane["reason"]?.string.map { ": \($0)" } ?? ""
                let until = lane["until"]?.string.map { ", tries again at \($0)" } ?? ""
                lines += [
                    "",
                    "lane \(lane["org_id"]?.string ?? "-")/\(lane["provider"]?.string ?? "-")/\(lane["credential"]?.string ?? "-"): "
                        + (lane["state"]?.string ?? "-") + why + until,
                ]
            }
            return lines.joined(separator: "\n")
        }
    }
}
