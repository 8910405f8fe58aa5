/// `POST /v1/projects/<project>/messages:send`.
struct FCM: Sendable {
    let universe: Universe
    let world: World
    private let project: String
    private let account: Account?

    /// - Parameter named: the run that the request names; else it is that of the project.
    init(universe: Universe, named: World?, project: String) {
        self.universe = universe
        self.project = project
        account = universe.accounts.byProject(project)
        world = named ?? universe.world(of: account)
    }

    func answer(_ request: Request) -> Reply {
        world.log.count { $0.requests += 1 }
        return sent(request).packed(for: request)
    }

    private func sent(_ request: Request) -> Reply {
        let now = world.clock.now()
        guard request.method == "POST" else { return .html(status: 404, "The requested URL was not found on this server.") }
        let body = try? JSON(parsing: request.body)
        let message = body?["message"]
        let target = ["token", "topic", "condition", "fid"].lazy.compactMap { message?[$0]?.text }.first ?? ""
        var answer = ScriptedAnswer()
        var error = Self.faultOfSender(request, project: project, universe: universe, nowSeconds: now / 1000)
        // A faulty message counts against the project's quota, but not against a device's.
        if error == nil, let limit = world.configuration.fcm.messagesPerMinute,
            let wait = world.fcm.wait(project: project, perMinute: limit, now: now)
        {
            error = .quota("project:\(project)", "Message rate exceeded for the project")
            answer.retryAfter = String(max(1, (wait.milliseconds + 999) / 1000))
        }
        error = error ?? Self.faultOfContent(request, body) ?? faultOfDevice(target, now: now)
        if error == nil, let scripted = world.scripts.answer(.fcm, target: target, stage: .message, sender: account, magic: Self.magic(in: target)) {
            answer = scripted
            if scripted.refuses { error = Self.error(scripted, project: project) }
        }
        let dryRun = (body?["validate_only"] ?? body?["validateOnly"]) == .bool(true)
        let name = "projects/\(project)/messages/" + (dryRun ? "fake_message_id" : Self.messageID(now: now))
        var reply = error.map { render($0, answer, now: now) } ?? accepted(as: name, answer, now: now)
        answer.apply(to: &reply)
        guard !dryRun || error != nil else { return reply }
        let accepted = (error == nil || answer.accepted) && (answer.fault?.accepts ?? true)
        let reason = error.map { Self.reason(of: $0, scripted: answer.reason) }
        var record = ReceivedMessage(
            run: world.name, provider: .fcm, target: target, id: error == nil ? name : "", identity: PushContent.identity(data: message?["data"]),
            receivedAt: now, status: reply.status, reason: reason, accepted: accepted, fault: answer.fault, connection: request.connection.number,
            headers: request.recordedHeaders, payload: request.body)
        record.request = request.recordedLine
        record.answer = ReceivedMessage.Answer(reply)
        record.reached = accepted ? reached(message) : nil
        record.org = account?.org
        record.credential = account?.clientEmail
        world.log.record(record)
        return reply
    }

    private func accepted(as name: String, _ answer: ScriptedAnswer, now: Int64) -> Reply {
        let headers = answer.extraHeaders(now: now)
        var reply = Reply(status: answer.status ?? 200, json: .object(["name": .string(name)]), headers: headers)
        if let body = answer.body { reply.body = Array(body.utf8) }
        return reply
    }

    private static func faultOfContent(_ request: Request, _ body: JSON?) -> FCMError? {
        // Google reads a form as parameters of the query, and finds none of that name. It is what HTTP libraries send when nothing else is said.
        if request.header("content-type")?.hasPrefix("application/x-www-form-urlencoded") == true {
            let name = String(decoding: request.body.prefix(100), as: UTF8.self)
            return .invalid(field: "", "Invalid JSON payload received. Unknown name \"\(name)\": Cannot bind query parameter.")
        }
        guard let body else { return .invalid(field: "", "Invalid JSON payload received. Unexpected token.") }
        return FCMValidator.fault(of: body)
    }

    private func faultOfDevice(_ target: String, now: Int64) -> FCMError? {
        guard let limit = world.configuration.fcm.messagesPerMinuteAndDevice, !world.fcm.admits(device: target, perMinute: limit, now: now) else {
            return nil
        }
        return .quota("device", "Message rate exceeded for the device")
    }

    static func bearer(of request: Request) -> String? {
        guard let authorization = request.header("authorization"), authorization.prefix(7).lowercased() == "bearer " else { return nil }
        return String(authorization.dropFirst(7))
    }

    /// What is wrong with the access token, or with the project that it is for.
    static func faultOfSender(_ request: Request, project: String, universe: Universe, nowSeconds: Int64) -> FCMError? {
        guard let bearer = bearer(of: request) else { return .missingCredential }
        guard let own = universe.accessTokens.project(of: bearer, nowSeconds: nowSeconds) else { return .badCredential }
        return project == own ? nil : .permissionDenied(project: project)
    }

    /// Whom a message to a topic or condition reaches; nil for one to a registration.
    private func reached(_ message: JSON?) -> [String]? {
        let condition = message?["topic"]?.text.map(TopicCondition.topic) ?? message?["condition"]?.text.flatMap { TopicCondition($0) }
        return condition.map { world.fcm.registrations(fulfilling: $0, project: project) }
    }

    static func magic(in token: String) -> MagicWords? {
        MagicWords(in: token, stage: .message) { FCMError.named($0, project: "") != nil || $0 == "BAD_GATEWAY" }
    }

    static func error(_ scripted: ScriptedAnswer, project: String) -> FCMError {
        var error = scripted.reason.flatMap { FCMError.named($0, project: project) }
        if error == nil, let reason = scripted.reason {
            error = .plain(status: scripted.status ?? (reason == "BAD_GATEWAY" ? 502 : 400), code: nil)
            // A word that FCM does not know yet.
            if reason != "BAD_GATEWAY" { error?.details = [FCMError.fcm(reason)] }
        }
        var found = error ?? .plain(status: scripted.status ?? 500)
        found.status = scripted.status ?? found.status
        return found
    }

    private func render(_ error: FCMError, _ answer: ScriptedAnswer, now: Int64) -> Reply {
        var headers = answer.extraHeaders(now: now)
        if let body = answer.body { return Reply(status: error.status, headers: headers, body: Array(body.utf8)) }
        if answer.reason == "BAD_GATEWAY" || error.status == 502 {
            return .html(status: error.status, "The server encountered a temporary error and could not complete your request.", headers: headers)
        }
        if error.status == 401 { headers.append(("www-authenticate", "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"")) }
        return Reply(status: error.status, json: error.json, headers: headers)
    }

    private static func reason(of error: FCMError, scripted: String?) -> String {
        scripted ?? error.details.lazy.compactMap { $0["errorCode"]?.text ?? ($0["fieldViolations"] == nil ? $0["reason"]?.text : nil) }.first
            ?? error.code
    }

    /// Shaped like `0:1500415314455276%31bd1c9631bd1c96`.
    private static func messageID(now: Int64) -> String {
        let random = UInt64.random(in: 0...UInt64.max)
        let digits = String(random, radix: 16)
        return "0:\(now)\(Int.random(in: 100...999))%" + String(repeating: "0", count: 16 - digits.count) + digits
    }
}
