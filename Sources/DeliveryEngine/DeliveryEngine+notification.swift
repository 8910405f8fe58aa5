internal import Domain
public import Storage

extension DeliveryEngine {
    /// Withdraws what is queued of a notification. False when nothing was: it is being sent, or has ended.
    public func cancel(notification id: String, scope: OrgScope, by actor: String? = nil) async throws -> Bool {
        let cancelled = try await stores.queue.cancel(notification: id, scope: scope, by: actor, now: time.now)
        room.settled(Array(repeating: (id, .cancelled, nil), count: cancelled))
        if cancelled > 0, let all = try? await stores.deliveries.deliveries(of: [id], scope: .all) {
            dispatcher.count(all.filter { $0.state == .cancelled }.map { ($0.lane.provider, .cancelled) })
        }
        return cancelled > 0
    }

    /// Queues a failed notification again as it is, but to where `draft` says now, and through the lane that serves that now.
    ///
    /// - Parameter draft: its id is the notification's, and its recipient one target: notifications of several are retried delivery by delivery.
    public func retry(_ draft: Draft, scope: OrgScope, by actor: String? = nil) async throws -> Retrial {
        let now = time.now
        let new = intake.plan([draft], known: try await lookUp([draft]), now: now)[0]
        guard new.deliveries.count <= 1 else { return .impossible("It has several targets; retry those of its deliveries that have failed") }
        guard let delivery = new.deliveries.first, delivery.state == .queued else { return .impossible(new.notification.error ?? "It has no target") }
        guard try await stores.queue.retry(notification: draft.id, as: delivery, scope: scope, by: actor, now: now) else { return .notFailed }
        dispatcher.note(delivery.lane, due: now)
        return .queued
    }
}
