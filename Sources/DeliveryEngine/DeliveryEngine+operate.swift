public import Domain
public import Storage

extension DeliveryEngine {
    /// Withdraws a queued delivery. False when it is being sent, or settled.
    ///
    /// - Parameter actor: who wants it, for the delivery's story.
    public func cancel(_ delivery: Identifier, scope: OrgScope, by actor: String? = nil) async throws -> Bool {
        try await cancel([delivery], scope: scope, by: actor) == 1
    }

    /// Queues a failed delivery again at once, through the lane that serves it now.
    public func retry(_ id: Identifier, scope: OrgScope, by actor: String? = nil) async throws -> Retrial {
        guard let delivery = try await stores.deliveries.get(id, scope: scope), delivery.state == .failed else { return .notFailed }
        let plan = try await retryPlan([delivery], now: time.now)
        if let obstacle = plan.obstacles[id] { return .impossible(obstacle.words(for: delivery)) }
        return try await retry(plan.orders, scope: scope, by: actor) == 1 ? .queued : .notFailed
    }

    /// What one transaction of an operation on many deliveries changes: over in milliseconds, so that messages do not wait long behind it.
    static let operationStep = 500

    /// Does it to what the filter lets through, newest first, in steps that are a transaction each: what was changed when the call is interrupted stays
    /// changed, and the rest is found by the same call again. Beside running sends: a delivery is changed only in the state that allows it.
    ///
    /// - Parameter after: where an earlier call ended.
    /// - Parameter limit: deliveries to be looked at in this call.
    /// - Parameter isDry: tells what would be done, by the same rules, and does nothing.
    public func operate(
        _ operation: DeliveryOperation, on filter: DeliveryFilter, after: Identifier? = nil, limit: Int, isDry: Bool, scope: OrgScope,
        by actor: String?
    ) async throws -> OperationReport {
        var filter = filter
        filter.state = operation.state
        var report = OperationReport()
        report.next = after
        while report.matched < limit {
            try Task.checkCancellation()
            let wanted = min(Self.operationStep, limit - report.matched)
            let step = try await stores.deliveries.step(filter, after: report.next, limit: wanted, scope: scope)
            let plan = operation == .retry ? try await retryPlan(step, now: time.now) : RetryPlan(orders: step.map { RetryOrder(id: $0.id) })
            for delivery in step { report.note(delivery, obstacle: plan.obstacles[delivery.id]) }
            if !isDry, !plan.orders.isEmpty {
                let changed =
                    switch operation {
                    case .retry: try await retry(plan.orders, scope: scope, by: actor)
                    case .cancel: try await cancel(plan.orders.map(\.id), scope: scope, by: actor)
                    }
                report.changed += changed
                if changed < plan.orders.count {
                    report.eligible -= plan.orders.count - changed
                    report.obstacles[.changedMeanwhile, default: 0] += plan.orders.count - changed
                }
            }
            report.next = step.count < wanted ? nil : step.last?.id
            if report.next == nil { break }
        }
        return report
    }

    private func cancel(_ ids: [Identifier], scope: OrgScope, by actor: String?) async throws -> Int {
        let cancelled = try await stores.queue.cancel(ids, scope: scope, by: actor, now: time.now)
        room.settled(cancelled.map { ($0.notificationID, .cancelled, nil) })
        dispatcher.count(cancelled.lazy.map { ($0.lane.provider, .cancelled) })
        return cancelled.count
    }

    private func retry(_ orders: [RetryOrder], scope: OrgScope, by actor: String?) async throws -> Int {
        let now = time.now
        let queued = try await stores.queue.retry(orders, scope: scope, by: actor, now: now)
        for lane in Set(queued.map(\.lane)) { dispatcher.note(lane, due: now) }
        return queued.count
    }
}

/// What is done with failed deliveries that somebody wants tried again, and what stands in the way of the others.
struct RetryPlan: Sendable {
    var orders: [RetryOrder] = []
    var obstacles: [Identifier: Obstacle] = [:]
}

extension DeliveryEngine {
    private func retryPlan(_ deliveries: [Delivery], now: Timestamp) async throws -> RetryPlan {
        var suppressed: [String: Set<String>] = [:]
        for (org, mails) in Dictionary(grouping: deliveries.filter { $0.lane.provider == .smtp }, by: \.orgID) {
            suppressed[org] = try await stores.suppressions.suppressed(Array(Set(mails.map(\.target.address))), orgID: org)
        }
        let apps = try await apps(of: deliveries)
        var lanes = RetryLanes(credentials: intake.credentials)
        var plan = RetryPlan()
        for delivery in deliveries {
            if let expiresAt = delivery.expiresAt, expiresAt <= now {
                plan.obstacles[delivery.id] = .expired
            } else if suppressed[delivery.orgID]?.contains(delivery.target.address) == true, delivery.lane.provider == .smtp {
                plan.obstacles[delivery.id] = .suppressed
            } else if let lane = lanes.lane(for: delivery, app: apps[delivery.id]) {
                plan.orders.append(RetryOrder(id: delivery.id, lane: lane == delivery.lane ? nil : lane))
            } else {
                plan.obstacles[delivery.id] = .noCredential
            }
        }
        return plan
    }

    /// The apps that tokens belong to, where that may decide: a delivery that found no credential remembers none.
    private func apps(of deliveries: [Delivery]) async throws -> [Identifier: String] {
        var apps: [Identifier: String] = [:]
        let homeless = deliveries.filter { $0.lane.credential.isEmpty && $0.lane.provider.channel == .push && $0.userID != nil }
        for (org, deliveries) in Dictionary(grouping: homeless, by: \.orgID) {
            let tokens = try await stores.tokens.active(userIDs: deliveries.compactMap(\.userID), orgID: org)
            for delivery in deliveries {
                apps[delivery.id] = tokens[delivery.userID ?? ""]?.first { $0.token == delivery.target.address }?.app
            }
        }
        return apps
    }
}

/// The lanes that failed deliveries go through now, each looked up once.
private struct RetryLanes {
    private struct Question: Hashable {
        var orgID: String
        var lane: LaneKey
        var app: String?
    }

    let credentials: any CredentialDirectory
    private var known: [Question: LaneKey?] = [:]

    init(credentials: any CredentialDirectory) {
        self.credentials = credentials
    }

    /// - Returns: nil where nothing serves it: queued, it would wait until its end for a credential that nobody may ever set.
    mutating func lane(for delivery: Delivery, app: String?) -> LaneKey? {
        let lane = delivery.lane
        if lane.provider == .inApp { return lane }
        let question = Question(orgID: delivery.orgID, lane: lane, app: app)
        if let known = known[question] { return known }
        // A lane that was never found goes by what would be found today; another name than before might lead to another app.
        let found = credentials.lane(
            orgID: delivery.orgID, provider: lane.provider, name: lane.credential.isEmpty ? nil : lane.credential, app: app)
        known[question] = .some(found)
        return found
    }
}
