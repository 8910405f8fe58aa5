/// Which of the mock's parts a request is for: by its path alone, so that every provider can be reached at one address.
struct Router: Answering {
    private let world: World
    private let apns: APNs
    private let expo: Expo
    private let fcm: FCM
    private let token: TokenEndpoint
    private let control: ControlAPI

    init(world: World, certificate: String) {
        self.world = world
        apns = APNs(world: world)
        expo = Expo(world: world)
        fcm = FCM(world: world)
        token = TokenEndpoint(world: world)
        control = ControlAPI(world: world, certificate: certificate)
    }

    func answer(_ request: Request) -> Answer {
        if request.path.hasPrefix("/_mock/") { return control.answer(request) }
        world.log.count { $0.requests += 1 }
        return .now(provider(request))
    }

    func countConnection() {
        world.log.count { $0.connections += 1 }
    }

    private func provider(_ request: Request) -> Reply {
        if request.path.hasPrefix("/3/") || request.path == "/3" {
            // APNs speaks HTTP/2 and nothing else; whoever comes otherwise has misconfigured the client.
            guard request.version == .http2 else {
                return Reply(status: 505, json: ControlAPI.noHTTP1)
            }
            return apns.answer(request)
        }
        if let project = Self.project(of: request.path) { return fcm.answer(request, project: project) }
        switch request.path {
        case "/--/api/v2/push/send": return expo.send(request)
        case "/--/api/v2/push/getReceipts": return expo.receipts(request)
        case "/token": return token.answer(request)
        default: return .html(status: 404, "There is no \(request.path) on this server.")
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
