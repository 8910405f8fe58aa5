/// The answer to a batch: a ticket for each recipient, and a record of it.
extension Expo {
    func answer(_ deliveries: [Delivery], isSingle: Bool, _ request: Request) -> Reply {
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
}
