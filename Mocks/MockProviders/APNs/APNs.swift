import Foundation

/// `POST /3/device/<token>`.
struct APNs: Sendable {
    let universe: Universe

    /// What one request has come to, on its way to an answer.
    private struct Push {
        var request: Request
        var token: String
        var id: String
        var environment: APNsEnvironment
        var account: Account
        /// The APNs key that has signed for it; nil with a certificate, or when the token is not believed.
        var keyID: String?
        var now: Int64
    }

    /// - Parameter named: the run that the request names; else it is that of the key.
    func answer(_ request: Request, in named: World?) -> Reply {
        let verdict = universe.providerTokens.verify(authorization: request.header("authorization"), among: universe.accounts)
        let shown = request.connection.certificate.map { $0.teamID.flatMap(universe.accounts.byTeamID) ?? universe.accounts.main }
        let account = shown ?? verdict.account ?? universe.accounts.main
        let world = named ?? universe.world(of: account)
        world.log.count { $0.requests += 1 }
        let push = Push(
            request: request,
            token: request.path.split(separator: "/").dropFirst(2).first.map { $0.lowercased() } ?? "",
            // Echoed as it came, made up when absent; in lower case, as Apple writes them.
            id: request.header("apns-id").flatMap { APNsRules.isUUID($0) ? $0 : nil } ?? UUID().uuidString.lowercased(),
            environment: APNsEnvironment(authority: request.authority), account: account,
            keyID: shown == nil ? verdict.token?.key.keyID : nil, now: world.clock.now())
        var answer = fault(of: push, verdict, world) ?? ScriptedAnswer()
        if answer.reason == nil,
            let scripted = world.scripts.answer(.apns, target: push.token, stage: .message, sender: account, magic: Self.magic(in: push.token))
        {
            answer = scripted
        }
        var reply = render(answer, push)
        answer.apply(to: &reply)
        request.connection.apns.count(status: reply.status)
        record(push, answer: answer, reply: reply, in: world)
        return reply
    }

    private func fault(of push: Push, _ verdict: ProviderTokenVerifier.Verdict, _ world: World) -> ScriptedAnswer? {
        let request = push.request
        let rules = APNsRules(bundle: push.account.topic, certificate: request.connection.certificate)
        // Who sends is judged before the device is: by a push to no device one learns whether a key is good.
        let early =
            rules.faultOfHeaders(request) ?? rules.faultOfPath(request) ?? faultOfSender(push, verdict) ?? rules.faultOfTopic(request)
            ?? rules.faultOfToken(push.token)
        if let early { return ScriptedAnswer(reason: early) }
        let topic = rules.topic(of: request)
        if let refusal = world.devices.refusal(of: push.token, topic: topic, environment: push.environment) {
            return ScriptedAnswer(reason: refusal.reason, timestamp: refusal.timestamp)
        }
        let reason = rules.faultOfPayload(request) ?? (world.devices.admits(push.token, now: push.now) ? nil : "TooManyRequests")
        return reason.map { ScriptedAnswer(reason: $0) }
    }

    private func faultOfSender(_ push: Push, _ verdict: ProviderTokenVerifier.Verdict) -> String? {
        let connection = push.request.connection
        if let certificate = connection.certificate {
            // With a certificate the authorization header is not looked at.
            if push.account.areCertificatesRevoked { return "BadCertificate" }
            if let own = certificate.environment, own != push.environment { return "BadCertificateEnvironment" }
            connection.apns.admitCertificate()
            return nil
        }
        switch verdict {
        case .refused(let reason, _): return reason
        case .good(let token):
            return ProviderTokenVerifier.fault(of: token, nowSeconds: push.now / 1000, environment: push.environment)
                ?? connection.apns.admit(token, nowSeconds: push.now / 1000)
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

    private func render(_ answer: ScriptedAnswer, _ push: Push) -> Reply {
        var headers: [(name: String, value: String)] = [("apns-id", push.id)]
        headers += answer.extraHeaders(now: push.now)
        guard answer.refuses || answer.body != nil else {
            // The sandbox names each push, so that its way can be looked up in Apple's console.
            if push.environment == .sandbox { headers.append(("apns-unique-id", UUID().uuidString.lowercased())) }
            return Reply(status: answer.status ?? 200, headers: headers)
        }
        let status = answer.status ?? answer.reason.flatMap { APNsReason.statuses[$0] } ?? 400
        if let body = answer.body { return Reply(status: status, headers: headers, body: Array(body.utf8)) }
        guard let reason = answer.reason else { return Reply(status: status, headers: headers) }
        headers.append(("content-type", "application/json"))
        let timestamp: JSON? = status == 410 ? .int(answer.timestamp ?? push.now) : nil
        return Reply(status: status, headers: headers, body: JSON.object(["reason": .string(reason), "timestamp": timestamp]).encoded)
    }

    private func record(_ push: Push, answer: ScriptedAnswer, reply: Reply, in world: World) {
        let request = push.request
        let accepted = (!answer.refuses || answer.accepted) && (answer.fault?.accepts ?? true)
        var message = ReceivedMessage(
            run: world.name, provider: .apns, target: push.token, id: push.id, identity: push.id, receivedAt: push.now, status: reply.status,
            reason: answer.reason, accepted: accepted, fault: answer.fault, connection: request.connection.number,
            headers: request.recordedHeaders, payload: request.body)
        message.request = request.recordedLine
        message.answer = ReceivedMessage.Answer(reply)
        if let keyID = push.keyID {
            message.org = push.account.org
            message.credential = keyID
        } else if request.connection.certificate != nil {
            message.org = push.account.org
            message.credential = "client certificate"
        }
        world.log.record(message)
    }
}
