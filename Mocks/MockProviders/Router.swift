/// Which of the mock's parts a request is for: by its path alone, so that every provider can be reached at one address.
struct Router: Answering {
    private let universe: Universe
    private let apns: APNs
    private let control: ControlAPI

    init(universe: Universe, certificate: String) {
        self.universe = universe
        apns = APNs(universe: universe)
        control = ControlAPI(universe: universe, certificate: certificate)
    }

    func answer(_ request: Request) -> Answer {
        var request = request
        var name = request.header(Run.header)
        if let split = Run.split(request.path) {
            name = name ?? split.name
            request.path = split.path
        }
        if let name, !Run.isName(name) {
            return .now(ControlAPI.problem(400, "A run's name is made of 1 to 64 letters, digits, '.', '_' and '-'; '\(name)' is not."))
        }
        if request.path.hasPrefix("/_mock/") { return control.answer(request, run: name) }
        if request.path == "/", request.method == "GET" { return .now(InboxPage.reply) }
        return .now(provider(request, in: name.map(universe.world)))
    }

    func countConnection() {
        universe.main.log.count { $0.connections += 1 }
    }

    /// - Parameter named: the run that the request names, if it names one.
    private func provider(_ request: Request, in named: World?) -> Reply {
        if request.path.hasPrefix("/3/") || request.path == "/3" {
            // APNs speaks HTTP/2 and nothing else; whoever comes otherwise has misconfigured the client.
            guard request.version == .http2 else {
                (named ?? universe.main).log.count { $0.requests += 1 }
                return Reply(status: 505, json: ControlAPI.noHTTP1)
            }
            return apns.answer(request, in: named)
        }
        if let project = Self.project(of: request.path) {
            return FCM(universe: universe, named: named, project: project).answer(request)
        }
        if let path = FCMTopics.Path(request.path) { return FCMTopics(universe: universe, named: named).answer(request, path) }
        switch request.path {
        case "/iid/v1:batchAdd": return FCMTopics(universe: universe, named: named).batch(request, adds: true)
        case "/iid/v1:batchRemove": return FCMTopics(universe: universe, named: named).batch(request, adds: false)
        case "/--/api/v2/push/send": return Expo(universe: universe, named: named, request: request).send(request)
        case "/--/api/v2/push/getReceipts": return Expo(universe: universe, named: named, request: request).receipts(request)
        case "/token": return TokenEndpoint(universe: universe, named: named).answer(request)
        default:
            (named ?? universe.main).log.count { $0.requests += 1 }
            return .html(status: 404, "There is no \(request.path) on this server.")
        }
    }

    private static func project(of path: String) -> String? {
        guard path.hasPrefix("/v1/projects/"), path.hasSuffix("/messages:send") else { return nil }
        let project = path.dropFirst("/v1/projects/".count).dropLast("/messages:send".count)
        return project.isEmpty || project.contains("/") ? nil : String(project)
    }
}

extension ControlAPI {
    fileprivate static let noHTTP1 = JSON.object(["reason": "BadPath", "detail": "APNs speaks HTTP/2 only: use the TLS port with ALPN h2."])
}
