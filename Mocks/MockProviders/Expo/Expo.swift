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
    struct Delivery {
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

    func refusal(of request: Request) -> Reply? {
        guard request.method == "POST" else { return ExpoError.request("NOT_FOUND", "Not found.", status: 404) }
        guard account == nil else { return nil }
        // A bearer that is not known is refused even where none is asked for.
        if request.header("authorization") != nil { return ExpoError.request("UNAUTHORIZED", "The bearer token is invalid.") }
        return world.configuration.expoAccessToken == nil ? nil : Self.forbidden(ExpoState.defaultProject)
    }

    /// What enhanced push security says to those who bear no token, or that of another account.
    static func forbidden(_ project: String) -> Reply {
        ExpoError.request("UNAUTHORIZED", "Insufficient permissions to send push notifications to \(project).", status: 403)
    }

    func isForbidden(_ project: String) -> Bool {
        guard let guardian = universe.accounts.guardian(of: project, run: world.name) else { return false }
        return guardian !== account
    }

    func parsedBody(of request: Request) -> JSON? {
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
    func requestAnswer(_ deliveries: [Delivery]) -> ScriptedAnswer? {
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

    func refused(_ answer: ScriptedAnswer) -> Reply {
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
}
