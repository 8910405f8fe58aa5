/// `POST /--/api/v2/push/send` and `POST /--/api/v2/push/getReceipts`.
struct Expo: Sendable {
    let universe: Universe
    let world: World
    /// Whose access token the request bears; nil without one.
    let account: Account?

    /// - Parameter named: the run that the request names; else it is that of the access token.
    init(universe: Universe, named: World?, request: Request) {
        self.universe = universe
        let bearer = request.header("authorization").map { $0.hasPrefix("Bearer ") ? String($0.dropFirst(7)) : "" }
        let claimed = bearer.flatMap(universe.accounts.byAccessToken)
        account = bearer.flatMap { bearer in claimed.flatMap { $0.accepts(accessToken: bearer) ? $0 : nil } }
        world = named ?? universe.world(of: claimed)
    }

    /// One recipient of one message of the request.
    private struct Delivery {
        var token: String
        var message: JSON
    }

    func send(_ request: Request) -> Reply {
        world.log.count { $0.requests += 1 }
        return tickets(request).packed(for: request)
    }

    private func tickets(_ request: Request) -> Reply {
        if let refusal = refusal(of: request) { return refusal }
        guard let body = parsedBody(of: request) else { return ExpoError.request("VALIDATION_ERROR", "The request body is not valid JSON.") }
        let messages = body.elements ?? [body]
        guard !messages.isEmpty else { return ExpoError.request("VALIDATION_ERROR", "The request must hold at least one message.") }
        for (index, message) in messages.enumerated() {
            if let fault = ExpoRules.fault(of: message, at: index) { return ExpoError.request("VALIDATION_ERROR", fault) }
        }
        let deliveries = messages.flatMap { message in
            (ExpoRules.recipients(of: message) ?? []).map { Delivery(token: $0, message: message) }
        }
        if let refusal = refusal(of: deliveries) { return refusal }
        let isSingle = body.members != nil && body["to"]?.text != nil
        return answer(deliveries, isSingle: isSingle, request)
    }

    // MARK: Whole requests

    private func refusal(of request: Request) -> Reply? {
        guard request.method == "POST" else { return ExpoError.request("NOT_FOUND", "Not found.", status: 404) }
        guard account == nil else { return nil }
        // A bearer that is not known is refused even where none is asked for.
        if request.header("authorization") != nil { return ExpoError.request("UNAUTHORIZED", "The bearer token is invalid.") }
        return world.configuration.expoAccessToken == nil ? nil : Self.forbidden(ExpoState.defaultProject)
    }

    /// What enhanced push security says to those who bear no token, or that of another account.
    private static func forbidden(_ project: String) -> Reply {
        ExpoError.request("UNAUTHORIZED", "Insufficient permissions to send push notifications to \(project).", status: 403)
    }

    private func isForbidden(_ project: String) -> Bool {
        guard let guardian = universe.accounts.guardian(of: project, run: world.name) else { return false }
        return guardian !== account
    }

    private func parsedBody(of request: Request) -> JSON? {
        switch request.header("content-encoding")?.lowercased() {
        case nil, "identity": try? JSON(parsing: request.body)
        case "gzip", "deflate": Gzip.inflate(request.body, limit: Limits.requestBody).flatMap { try? JSON(parsing: $0) }
        default: nil
        }
    }

    private func refusal(of deliveries: [Delivery]) -> Reply? {
        guard deliveries.count <= ExpoRules.recipientLimit else {
            return ExpoError.request(
                "PUSH_TOO_MANY_NOTIFICATIONS", "You can send at most \(ExpoRules.recipientLimit) push notifications in one request.")
        }
        let byProject = Dictionary(grouping: deliveries.map(\.token), by: world.expo.project)
        guard byProject.count == 1, let project = byProject.keys.first else {
            let details = byProject.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .array($0.value.map(JSON.string))) }
            return ExpoError.request(
                "PUSH_TOO_MANY_EXPERIENCE_IDS",
                "All push notification messages in the same request must be for the same project; check the details field to investigate conflicting tokens.",
                details: .object(details))
        }
        if isForbidden(project) { return Self.forbidden(project) }
        if let rate = world.configuration.expoRate,
            !world.expo.admit(deliveries.count, project: project, rate: rate, now: world.clock.now())
        {
            return ExpoError.request("TOO_MANY_REQUESTS", "Too many requests: at most \(rate) notifications a second and project.")
        }
        return nil
    }

    /// The script or magic word that speaks for the whole request, if there is one.
    private func requestAnswer(_ deliveries: [Delivery]) -> ScriptedAnswer? {
        for delivery in deliveries {
            let magic = MagicWords(in: delivery.token, stage: .request) { ExpoError.requestStatuses[$0] != nil || $0 == "GATEWAY_TIMEOUT" }
            if let answer = world.scripts.answer(
                .expo, target: delivery.token, stage: .request, sender: account, magic: magic?.answer.reason == nil ? nil : magic)
            {
                return answer
            }
        }
        return nil
    }

    private func refused(_ answer: ScriptedAnswer) -> Reply {
        let status = answer.status ?? answer.reason.flatMap { $0 == "GATEWAY_TIMEOUT" ? 504 : ExpoError.requestStatuses[$0] } ?? 500
        var reply: Reply
        if let body = answer.body {
            reply = Reply(status: status, headers: [("content-type", "application/json; charset=utf-8")], body: Array(body.utf8))
        } else if let reason = answer.reason, reason != "GATEWAY_TIMEOUT" {
            reply = ExpoError.request(reason, "Scripted: \(reason).", status: status)
        } else {
            reply = .html(status: status, "The server is busy. Try again later.")
        }
        reply.headers += answer.extraHeaders(now: world.clock.now())
        return reply
    }

    // MARK: Tickets

    private func answer(_ deliveries: [Delivery], isSingle: Bool, _ request: Request) -> Reply {
        let whole = requestAnswer(deliveries)
        let refusal = whole.flatMap { $0.refuses || $0.body != nil ? refused($0) : nil }
        let taken = refusal == nil || whole?.accepted == true || whole?.refuses == false
        var tickets: [JSON] = []
        var delay = whole?.delay ?? .zero
        var fault = whole?.fault
        var farewell: String?
        var records: [ReceivedMessage] = []
        for delivery in deliveries {
            let own =
                taken
                ? world.scripts.answer(.expo, target: delivery.token, stage: .message, sender: account, magic: Self.magic(in: delivery.token)) : nil
            delay = max(delay, own?.delay ?? .zero)
            fault = fault ?? own?.fault
            farewell = farewell ?? own.flatMap { $0.isFarewell ? $0.reason : nil }
            let (ticket, record) = ticket(for: delivery, own, request)
            tickets.append(ticket)
            records.append(record)
        }
        var reply = refusal ?? Reply(status: whole?.status ?? 200, json: .object(["data": isSingle ? tickets[0] : .array(tickets)]))
        whole?.apply(to: &reply)
        reply.delay = delay
        reply.fault = fault
        reply.farewell = reply.farewell ?? farewell
        let answer = ReceivedMessage.Answer(reply)
        for var record in records {
            record.fault = fault
            record.answer = answer
            if !taken || !(fault?.accepts ?? true) { record.accepted = false }
            if refusal != nil {
                record.status = reply.status
                record.reason = whole?.reason ?? record.reason
            }
            world.log.record(record)
        }
        return reply
    }

    private func ticket(for delivery: Delivery, _ own: ScriptedAnswer?, _ request: Request) -> (JSON, ReceivedMessage) {
        let now = world.clock.now()
        var record = ReceivedMessage(
            run: world.name, provider: .expo, target: delivery.token, id: "", identity: PushContent.identity(data: delivery.message["data"]),
            receivedAt: now, status: 200, accepted: false, connection: request.connection.number, headers: request.recordedHeaders,
            payload: delivery.message.encoded)
        record.request = request.recordedLine
        record.org = account?.org
        if !ExpoRules.isToken(delivery.token) {
            record.reason = "invalid token"
            return (ExpoError.message(nil, token: delivery.token, "\"\(delivery.token)\" is not a valid Expo push token"), record)
        }
        if ExpoRules.isTooBig(delivery.message) {
            record.reason = "MessageTooBig"
            return (ExpoError.message("MessageTooBig", token: delivery.token), record)
        }
        if let own, own.refuses {
            record.reason = own.reason ?? "error"
            return (ExpoError.message(own.reason, token: delivery.token, own.body), record)
        }
        record.accepted = true
        record.id = world.expo.issue(to: delivery.token, now: now)
        return (.object(["status": "ok", "id": .string(record.id)]), record)
    }

    static func magic(in token: String) -> MagicWords? {
        MagicWords(in: token, stage: .message) { ExpoError.messageCodes.contains($0) }
    }

    // MARK: Receipts

    func receipts(_ request: Request) -> Reply {
        world.log.count { $0.requests += 1 }
        return found(request).packed(for: request)
    }

    private func found(_ request: Request) -> Reply {
        if let refusal = refusal(of: request) { return refusal }
        world.log.count { $0.receiptRequests += 1 }
        guard let body = parsedBody(of: request), let list = body["ids"]?.elements else {
            return ExpoError.request("VALIDATION_ERROR", "\"ids\" is required and must be a list of receipt ids.")
        }
        let ids = list.compactMap(\.text)
        guard ids.count == list.count else { return ExpoError.request("VALIDATION_ERROR", "\"ids\" must hold strings.") }
        guard ids.count <= ExpoRules.receiptLimit else {
            return ExpoError.request("PUSH_TOO_MANY_RECEIPTS", "You can ask for at most \(ExpoRules.receiptLimit) receipts in one request.")
        }
        let now = world.clock.now()
        let tickets = ids.compactMap { id in
            world.expo.ticket(id, now: now, delay: world.configuration.receiptDelay).map { (id: id, ticket: $0) }
        }
        if let foreign = tickets.lazy.map({ world.expo.project(of: $0.ticket.token) }).first(where: isForbidden) { return Self.forbidden(foreign) }
        let found = tickets.map { JSON.Member($0.id, receipt(for: $0.ticket)) }
        return Reply(status: 200, json: .object(["data": .object(found)]))
    }

    private func receipt(for ticket: ExpoState.Ticket) -> JSON {
        guard let answer = world.scripts.answer(.expo, target: ticket.token, stage: .receipt, sender: account, magic: Self.magic(in: ticket.token)),
            answer.refuses
        else {
            return .object(["status": "ok"])
        }
        return ExpoError.message(answer.reason, token: ticket.token, answer.body)
    }
}
