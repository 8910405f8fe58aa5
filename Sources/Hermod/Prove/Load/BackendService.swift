import Domain
import Transport

/// Callers of the gateway, as backend services are: some insist on an answer, some shrug.
struct BackendService: Sendable {
    let desk: LoadDesk
    let stage: ProveStage
    /// Which part of the plan a notification belongs to.
    let episode: @Sendable (Int) -> Int

    /// Sends until there is nothing more to send.
    func run() async throws {
        while let order = await desk.take() {
            defer { desk.done() }
            try await place(order)
        }
    }

    private func place(_ order: Order) async throws {
        let now = stage.clock.gatewayTime
        // Made once: a repetition under the same key has to be the same to the byte.
        let request = OrderRequest(order, seed: stage.plan.seed, now: now)
        // A clock that is set back may put it before the run's beginning; 0 would mean none.
        let deadline = order.lifetime.map { max(1, stage.clock.moment(of: now + $0)) }
        var pause: Duration = .milliseconds(20)
        var attempt = 0
        while true {
            stage.ledger.posting(order, episode: episode(order.first), at: stage.clock.moment, deadline: deadline)
            switch await call(request, as: order.org, attempt: attempt) {
            case .answered(let response) where (200..<300).contains(response.status):
                return try take(response, for: order)
            case .answered(let response) where response.status == 503 || response.status == 429 || response.status == 409 || response.status == 500:
                if order.temper == .shrugs { return stage.ledger.refused(order) }
            case .answered(let response):
                throw StartFault(
                    "the gateway answered \(response.status) to \(request.path): \(String(decoding: response.body.prefix(500), as: UTF8.self))")
            case .notSent, .unknown:
                if order.temper == .shrugs { return }
            }
            attempt += 1
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(1))
        }
    }

    private func call(_ request: OrderRequest, as org: String, attempt: Int) async -> HTTPOutcome {
        guard let address = stage.gateway.address else { return .notSent(TransportFailure(kind: .connect, message: "the gateway is down")) }
        let authorization = (name: "authorization", value: "Bearer \(stage.keys[org] ?? "")")
        return await stage.transport.send(
            HTTPRequest(url: address + request.path, headers: request.headers + [authorization], body: request.body),
            in: ConnectionGroup(name: "service/\(org)", maxConnections: Cast.callers, maxInFlight: Cast.callers),
            timeout: stage.manners.patience(attempt: attempt))
    }

    private func take(_ response: HTTPResponse, for order: Order) throws(StartFault) {
        let answer = (try? JSON(parsing: response.body)) ?? .null
        let ids: [String] =
            switch order.kind {
            case .direct, .service: [answer["id"]?.string ?? ""]
            case .batch: (answer["results"]?.array ?? []).map { $0["notification_id"]?.string ?? "" }
            }
        guard ids.count == order.count else {
            throw StartFault("the gateway told of \(ids.count) notifications where \(order.count) were asked for: \(answer.text.prefix(300))")
        }
        for (number, id) in zip(order.numbers, ids) {
            guard let id = NotificationID(id) else { throw StartFault("the gateway gave a notification an id of a form that no contract has") }
            stage.ledger.accepted(number, as: id)
        }
    }
}
