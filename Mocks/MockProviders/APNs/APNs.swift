import Foundation

/// `POST /3/device/<token>`.
struct APNs: Sendable {
    let world: World
    private let rules: APNsRules

    init(world: World) {
        self.world = world
        rules = APNsRules(bundle: world.credentials.apns.topic)
    }

    func answer(_ request: Request) -> Reply {
        let now = world.clock.now()
        // Echoed as it came, made up when absent; in lower case, as Apple writes them.
        let id = request.header("apns-id").flatMap { APNsRules.isUUID($0) ? $0 : nil } ?? UUID().uuidString.lowercased()
        let token = request.path.split(separator: "/").dropFirst(2).first.map { $0.lowercased() } ?? ""
        var answer = ScriptedAnswer()
        if let fault = fault(of: request, nowSeconds: now / 1000) {
            answer.reason = fault
        } else if let scripted = world.scripts.answer(.apns, target: token, stage: .message, magic: Self.magic(in: token)) {
            answer = scripted
        }
        var reply = render(answer, id: id, now: now)
        reply.delay = answer.delay
        reply.fault = answer.fault
        record(request, token: token, id: id, now: now, answer: answer, status: reply.status)
        return reply
    }

    private func fault(of request: Request, nowSeconds: Int64) -> String? {
        rules.faultOfHeaders(request) ?? rules.faultOfPath(request) ?? rules.faultOfTopic(request) ?? faultOfToken(request, nowSeconds: nowSeconds)
            ?? rules.faultOfPayload(request)
    }

    private func faultOfToken(_ request: Request, nowSeconds: Int64) -> String? {
        switch world.providerTokens.verify(authorization: request.header("authorization"), nowSeconds: nowSeconds) {
        case .refused(let reason): reason
        case .good(let token): request.connection.apns.admit(token, nowSeconds: nowSeconds)
        }
    }

    /// A device token is hex, so its magic words are written in hex too.
    static func magic(in token: String) -> MagicWords? {
        guard let bytes = Hex.bytes(of: token), hasWord(bytes) else { return nil }
        let text = String(decoding: bytes.map { $0 >= 0x20 && $0 < 0x7F ? $0 : 0x20 }, as: UTF8.self)
        return MagicWords(in: text, stage: .message) { APNsReason.statuses[$0] != nil }
    }

    /// Five letters in a row: chance makes them once in tens of thousands of tokens, and spares the rest the reading.
    private static func hasWord(_ bytes: [UInt8]) -> Bool {
        var run = 0
        for byte in bytes {
            run = (0x61...0x7A).contains(byte | 0x20) ? run + 1 : 0
            if run == 5 { return true }
        }
        return false
    }

    private func render(_ answer: ScriptedAnswer, id: String, now: Int64) -> Reply {
        var headers: [(name: String, value: String)] = [("apns-id", id)]
        for (name, value) in answer.headers { headers.append((name.lowercased(), value)) }
        if let retryAfter = answer.retryAfter { headers.append(("retry-after", retryAfter)) }
        guard answer.refuses || answer.body != nil else { return Reply(status: answer.status ?? 200, headers: headers) }
        let status = answer.status ?? answer.reason.flatMap { APNsReason.statuses[$0] } ?? 400
        if let body = answer.body { return Reply(status: status, headers: headers, body: Array(body.utf8)) }
        guard let reason = answer.reason else { return Reply(status: status, headers: headers) }
        headers.append(("content-type", "application/json"))
        let timestamp: JSON? = status == 410 ? .int(answer.timestamp ?? now) : nil
        return Reply(status: status, headers: headers, body: JSON.object(["reason": .string(reason), "timestamp": timestamp]).encoded)
    }

    private func record(_ request: Request, token: String, id: String, now: Int64, answer: ScriptedAnswer, status: Int) {
        let accepted = (!answer.refuses || answer.accepted) && (answer.fault?.accepts ?? true)
        world.log.record(
            ReceivedMessage(
                provider: .apns, target: token, id: id, identity: id, receivedAt: now, status: status, reason: answer.reason, accepted: accepted,
                fault: answer.fault, connection: request.connection.number, headers: request.recordedHeaders, payload: request.body))
    }
}
