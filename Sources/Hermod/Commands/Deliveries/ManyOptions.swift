import ArgumentParser
import Domain

/// How `retry` and `cancel` go about it; both are the same but for their words.
struct ManyOptions: ParsableArguments {
    @Flag(help: "Every one, where no filter is given.") var all = false
    @Flag(help: "Only tell what would be done.") var dryRun = false
    @Flag(help: "Do it without asking back.") var yes = false
    @Flag(help: "Print what was done as one JSON object.") var json = false

    static func discussion(_ done: String) -> String {
        """
        Ends with 0 when all that matched were \(done), with 2 when some were left as they are (the output says why), and with 1 when something was in the way. \
        Interrupted, it is simply run again.
        """
    }

    func check(id: String?, _ filter: DeliveryFilterOptions) throws {
        if id != nil {
            guard filter.members.isEmpty, !all, !dryRun else {
                throw ValidationError("An id goes with no filter, and with neither --all nor --dry-run.")
            }
        } else if filter.members.isEmpty, !all {
            throw ValidationError("Say which: an id, a filter, or --all.")
        } else if all, !filter.members.isEmpty {
            throw ValidationError("--all goes with no filter.")
        }
    }

    func run(_ operation: String, done: String, id: String?, _ filter: DeliveryFilterOptions, _ gateway: RESTOptions) async throws {
        try await gateway.withClient { client in
            if let id {
                let answer = try await client.post("/api/v1/deliveries/\(try RESTClient.deliveryID(id))/\(operation)", [:])
                StandardStream.output.line(json ? answer.text : "\(answer["id"]?.string ?? id): \(answer["state"]?.string ?? "-")")
                return
            }
            var request = JSONObject(members: filter.members.map { .init(key: $0.name, value: .string($0.value)) })
            if all { request["all"] = true }
            let run = ManyRun(client: client, operation: operation, done: done, request: request)
            if !dryRun, !yes { try await confirm(run) }
            let total = try await run.run(isDry: dryRun)
            StandardStream.output.line(json ? total.json.text : total.text(done: done, isDry: dryRun))
            if !dryRun, total.changed < total.matched { throw ExitCode(2) }
        }
    }

    private func confirm(_ run: ManyRun) async throws {
        guard Terminal.isInteractive else {
            throw StartFault("nobody can be asked whether it is to be done", remedy: "say --yes, or --dry-run to see what would be done")
        }
        let preview = try await run.run(isDry: true)
        StandardStream.error.line(preview.text(done: run.done, isDry: true))
        try Terminal.confirm("Go on?", unless: false)
    }
}
