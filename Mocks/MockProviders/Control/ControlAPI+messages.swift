import NIOCore

/// What has been received.
extension ControlAPI {
    func messages(_ call: Call) -> Answer? {
        if call.isFor("GET messages") { return list(call) }
        if call.isFor("GET messages/*") { return .now(message(call)) }
        if call.isFor("DELETE messages") {
            call.world.log.removeAll()
            return Self.done
        }
        if call.isFor("GET events") { return events(call) }
        if call.isFor("GET duplicates") { return .now(duplicates(call)) }
        if call.isFor("GET stats") { return .now(Reply(status: 200, json: call.world.log.statistics.json)) }
        return nil
    }

    private enum Format {
        case json, brief, ndjson
    }

    private func list(_ call: Call) -> Answer {
        let request = call.request
        if let fault = call.unknownParameter(besides: Self.filterParameters.union(["limit", "min", "wait", "format", "brief"])) {
            return .now(fault)
        }
        let filter: MessageFilter
        do throws(Script.Malformed) {
            filter = try Self.filter(call)
        } catch {
            return .now(Self.problem(400, error.message))
        }
        let format: Format
        switch (request.query("format"), request.query("brief")) {
        case ("ndjson", _): format = .ndjson
        case (nil, "true"), ("json", "true"): format = .brief
        case (nil, _), ("json", _): format = .json
        default: return .now(Self.problem(400, "format must be json or ndjson."))
        }
        let limit = request.query("limit").flatMap { Int($0) } ?? (format == .ndjson ? .max : 1000)
        let log = call.world.log
        guard let text = request.query("wait") else { return .now(Self.list(log, filter, limit: limit, as: format)) }
        guard let wait = Duration(shorthand: text), wait <= .seconds(300) else {
            return .now(Self.problem(400, "wait must be a time like 500ms or 5s, at most 5m."))
        }
        let minimum = request.query("min").flatMap { Int($0) } ?? 1
        let waited = Self.wait(for: log, filter, minimum: minimum, wait: wait, on: request.eventLoop)
        return .later(waited.map { Self.list(log, filter, limit: limit, as: format) })
    }

    private static let filterParameters: Set<String> = ["provider", "to", "id", "accepted", "after", "org", "reason", "since", "q"]

    private static func filter(_ call: Call) throws(Script.Malformed) -> MessageFilter {
        let request = call.request
        var filter = MessageFilter(accepted: nil)
        filter.provider = try Script.choice(request.query("provider").map(JSON.string), "provider")
        filter.target = request.query("to")
        filter.id = request.query("id")
        filter.accepted = request.query("accepted").map { $0 == "true" }
        filter.after = request.query("after").flatMap { Int($0) }
        filter.org = request.query("org")
        filter.reason = request.query("reason")
        filter.text = request.query("q")
        if let since = request.query("since") {
            if let moment = Int64(since), moment > 1_000_000_000 {
                filter.since = moment
            } else if let ago = Duration(shorthand: since) {
                filter.since = call.world.clock.now() - ago.milliseconds
            } else {
                throw Script.Malformed(message: "since must be a moment in milliseconds since 1970, or a time ago like 30s.")
            }
        }
        return filter
    }

    /// Done as soon as enough have come or the time is up: too few messages are for the caller to judge.
    private static func wait(
        for log: MessageLog, _ filter: MessageFilter, minimum: Int, wait: Duration, on loop: any EventLoop
    ) -> EventLoopFuture<Void> {
        let promise = loop.makePromise(of: Void.self)
        let waiter = log.wait(filter, minimum: minimum) { _ in promise.succeed() }
        if let waiter {
            let timer = loop.scheduleTask(in: TimeAmount(wait)) { log.cancel(waiter) }
            promise.futureResult.whenComplete { _ in timer.cancel() }
        }
        return promise.futureResult
    }

    private static func list(_ log: MessageLog, _ filter: MessageFilter, limit: Int, as format: Format) -> Reply {
        let messages = log.messages(filter, limit: limit)
        if format == .ndjson {
            var lines: [UInt8] = []
            for message in messages {
                lines += message.json.encoded
                lines.append(0x0A)
            }
            return Reply(status: 200, headers: [("content-type", "application/x-ndjson")], body: lines)
        }
        let list = JSON.array(messages.map { format == .brief ? $0.brief : $0.json })
        return Reply(status: 200, json: .object(["count": .int(log.count(filter)), "messages": list]))
    }

    private func message(_ call: Call) -> Reply {
        guard let message = Int(call.path[1]).flatMap(call.world.log.message) else {
            return Self.problem(404, "There is no message \(call.path[1]), or no longer: the last \(universe.configuration.retention) are kept.")
        }
        return Reply(status: 200, json: message.json)
    }

    private func events(_ call: Call) -> Answer {
        let after = (call.request.query("after") ?? call.request.header("last-event-id")).flatMap { Int($0) }
        let head = Reply(status: 200, headers: [("content-type", "text/event-stream"), ("cache-control", "no-store")])
        return .stream(head, LiveEvents(log: call.world.log, after: after, loop: call.request.eventLoop))
    }

    private func duplicates(_ call: Call) -> Reply {
        let duplicates = call.world.log.duplicates
        let list = duplicates.map { duplicate in
            JSON.object([
                "provider": .string(duplicate.provider.rawValue), "to": .string(duplicate.target), "identity": .string(duplicate.identity),
                "count": .int(duplicate.count),
            ])
        }
        return Reply(
            status: 200,
            json: .object(["extra": .int(duplicates.reduce(0) { $0 + $1.count - 1 }), "duplicates": .array(list)]))
    }
}

extension Statistics {
    fileprivate var json: JSON {
        .object([
            "requests": .int(requests), "connections": .int(connections), "grants": .int(grants), "receipt_requests": .int(receiptRequests),
            "providers": .object(
                ProviderName.allCases.map { name in
                    let counts = providers[name] ?? Counts()
                    let refusals = (reasons[name] ?? [:]).sorted { $0.key < $1.key }.map { JSON.Member($0.key, .int($0.value)) }
                    return JSON.Member(
                        name.rawValue,
                        .object(["accepted": .int(counts.accepted), "rejected": .int(counts.rejected), "reasons": .object(refusals)]))
                }),
        ])
    }
}
