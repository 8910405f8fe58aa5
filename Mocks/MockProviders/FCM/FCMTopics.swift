/// Who gets what is sent to a topic: `…/registrations/TOKEN/topicSubscriptions` of today's API, and the older `iid.googleapis.com/iid/v1:batchAdd` and
/// `:batchRemove`.
struct FCMTopics: Sendable {
    let universe: Universe
    /// The run that the request names; else it is that of the project.
    let named: World?

    /// The parts of `/v1/projects/PROJECT/registrations/REGISTRATION/topicSubscriptions[/TOPIC]`, still percent-encoded.
    struct Path {
        var project: String
        var registration: String
        var topic: String?

        init?(_ path: String) {
            let parts = path.split(separator: "/", omittingEmptySubsequences: false).map { FormFields.percentDecoded($0, plusIsSpace: false) }
            guard (7...8).contains(parts.count), parts[1] == "v1", parts[2] == "projects", parts[4] == "registrations",
                parts[6] == "topicSubscriptions"
            else { return nil }
            project = parts[3]
            registration = parts[5]
            topic = parts.count == 8 ? parts[7] : nil
        }
    }

    private func world(of project: String) -> World { named ?? universe.world(of: universe.accounts.byProject(project)) }

    // MARK: Today's

    func answer(_ request: Request, _ path: Path) -> Reply {
        let world = world(of: path.project)
        world.log.count { $0.requests += 1 }
        let now = world.clock.now()
        if let fault = FCM.faultOfSender(request, project: path.project, universe: universe, nowSeconds: now / 1000) { return fault.reply }
        if let fault = fault(of: path.registration, project: path.project, world) { return fault.reply }
        let own = world.fcm.topics(of: path.registration, project: path.project)
        switch (request.method, path.topic) {
        case ("GET", nil):
            let list = own.sorted { $0.key < $1.key }.map { Self.description(path, $0.key, $0.value) }
            return Reply(status: 200, json: .object(["topic_subscriptions": .array(list)]))
        case ("GET", let topic?):
            return own[topic].map { Reply(status: 200, json: Self.description(path, topic, $0)) } ?? Self.notFound.reply
        case ("POST", nil):
            let topic = request.query("topic_name") ?? request.query("topicName") ?? ""
            guard Self.isTopic(topic) else { return FCMError.invalid(field: "topic_name", "Invalid topic name.").reply }
            guard world.fcm.subscribe(path.registration, to: topic, project: path.project, now: now) else { return Self.alreadyThere.reply }
            return Reply(status: 200, json: Self.description(path, topic, now))
        case ("DELETE", let topic?):
            let isGone = world.fcm.unsubscribe(path.registration, from: topic, project: path.project)
            let mayBeMissing = request.query("allow_missing") == "true" || request.query("allowMissing") == "true"
            return isGone || mayBeMissing ? Reply(status: 200, json: .object([])) : Self.notFound.reply
        default: return .html(status: 404, "The requested URL was not found on this server.")
        }
    }

    private static func description(_ path: Path, _ topic: String, _ since: Int64) -> JSON {
        .object([
            "name": .string("projects/\(path.project)/registrations/\(path.registration)/topicSubscriptions/\(topic)"),
            "topic_name": .string(topic), "create_time": .string(HTTPDate.timestamp(of: since)),
        ])
    }

    private static let notFound = FCMError(status: 404, code: "NOT_FOUND", message: "Requested entity was not found.")
    private static let alreadyThere = FCMError(status: 409, code: "ALREADY_EXISTS", message: "Requested entity already exists.")

    static func isTopic(_ name: String) -> Bool { name.wholeMatch(of: #/[a-zA-Z0-9\-_.~%]{1,900}/#) != nil }

    /// A registration may be malformed, or meet a script or its own magic words at the stage `topic`.
    private func fault(of registration: String, project: String, _ world: World) -> FCMError? {
        guard FCMValidator.isToken(registration) else { return .invalidToken }
        var magic = FCM.magic(in: registration)
        magic?.stage = .topic
        let account = universe.accounts.byProject(project)
        guard let answer = world.scripts.answer(.fcm, target: registration, stage: .topic, sender: account, magic: magic), answer.refuses else {
            return nil
        }
        return FCM.error(answer, project: project)
    }

    // MARK: The older one

    /// - Parameter adds: `batchAdd`, and not `batchRemove`.
    func batch(_ request: Request, adds: Bool) -> Reply {
        let bearer = FCM.bearer(of: request)
        // Which project is meant, only the access token says.
        let now = (named ?? universe.main).clock.now()
        guard request.method == "POST", request.header("access_token_auth") == "true", let bearer,
            let project = universe.accessTokens.project(of: bearer, nowSeconds: now / 1000)
        else {
            (named ?? universe.main).log.count { $0.requests += 1 }
            return Reply(status: 401, json: .object(["error": "Unauthorized"]))
        }
        let world = world(of: project)
        world.log.count { $0.requests += 1 }
        let body = try? JSON(parsing: request.body)
        let registrations = body?["registration_tokens"]?.elements?.compactMap(\.text) ?? []
        guard let to = body?["to"]?.text, to.hasPrefix("/topics/"), Self.isTopic(String(to.dropFirst("/topics/".count))) else {
            return Reply(status: 400, json: .object(["error": "InvalidTopicName"]))
        }
        guard (1...1000).contains(registrations.count) else { return Reply(status: 400, json: .object(["error": "InvalidArgument"])) }
        let topic = String(to.dropFirst("/topics/".count))
        let results = registrations.map { registration -> JSON in
            if let fault = fault(of: registration, project: project, world) { return .object(["error": .string(Self.oldName(of: fault))]) }
            if adds {
                _ = world.fcm.subscribe(registration, to: topic, project: project, now: world.clock.now())
            } else {
                _ = world.fcm.unsubscribe(registration, from: topic, project: project)
            }
            return .object([])
        }
        return Reply(status: 200, json: .object(["results": .array(results)]))
    }

    private static func oldName(of fault: FCMError) -> String {
        fault.status == 404 ? "NOT_FOUND" : fault.status == 429 ? "RESOURCE_EXHAUSTED" : fault.code
    }
}
