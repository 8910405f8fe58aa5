/// What became of the tickets.
extension Expo {
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
