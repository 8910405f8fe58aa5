import ArgumentParser
import Domain

struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send", abstract: "Sends one message through a running gateway and says what became of it.")

    @Option(help: "To all devices of this user.") var user: String?
    @Option(help: "To this device token.") var token: String?
    @Option(help: "The token's platform: ios, android or web.") var platform: String?
    @Option(help: "To this e-mail address.") var email: String?
    @Option(help: "Title, or a mail's subject.") var title: String?
    @Option(help: "Text.") var body: String?
    @Option(help: "A mail's HTML part.") var html: String?
    @Option(help: "A JSON object handed to the app.") var data: String?
    @Option(help: "The provider, where it is not clear from the target.") var provider: String?
    @Option(help: "The credential's name, where the org has several.") var credential: String?
    @OptionGroup var gateway: RESTOptions

    func validate() throws {
        guard [user, token, email].compactMap({ $0 }).count == 1 else {
            throw ValidationError("Say whom it is for: one of --user, --token and --email.")
        }
    }

    func run() async throws {
        try await gateway.withClient { client in
            let answer = try await client.post("/api/v1/deliveries", try message())
            StandardStream.output.line("\(answer["id"]?.string ?? "-"): \(answer["status"]?.string ?? "-")")
            if let error = answer["error"]?.string { StandardStream.output.line("  \(error)") }
            for delivery in answer["deliveries"]?.array ?? [] {
                let why = delivery["error"]?.string.map { ": \($0)" } ?? ""
                StandardStream.output.line(
                    "  \(delivery["id"]?.string ?? "-") \(delivery["provider"]?.string ?? "-") \(delivery["target"]?.string ?? "-") "
                        + (delivery["state"]?.string ?? "-") + why)
            }
            // A script wants to know without reading.
            if answer["status"]?.string == "failed" { throw ExitCode.failure }
        }
    }

    private func message() throws(StartFault) -> JSON {
        var target: JSONObject = [:]
        for (key, value) in [("user_id", user), ("token", token), ("platform", platform), ("email", email)] {
            if let value { target[key] = .string(value) }
        }
        var message: JSONObject = ["to": .object(target)]
        for (key, value) in [("title", title), ("body", body), ("html", html), ("provider", provider), ("credential", credential)] {
            if let value { message[key] = .string(value) }
        }
        if let data {
            guard let object = try? JSON(parsing: data), object.object != nil else { throw StartFault("--data is no JSON object") }
            message["data"] = object
        }
        return .object(message)
    }
}
