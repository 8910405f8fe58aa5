import DeliveryEngine
import Domain
import HTTPTypes
import Hummingbird
import Storage

/// The contract admin-notifications: reminders by mail that a certification is about to expire, and the log of these dispatches.
struct AdminNotifications: Sendable {
    static let path = "/api/v1/admin/notifications"
    static let idPrefix = "dsp_"

    let dispatch: Dispatch
    let stores: Stores
    let writer: ReminderWriter
    let bulks: BulkReminders
    let time: any TimeSource
    private let collection: NotificationCollection

    init(dispatch: Dispatch, stores: Stores, writer: ReminderWriter, bulks: BulkReminders, time: any TimeSource) {
        self.dispatch = dispatch
        self.stores = stores
        self.writer = writer
        self.bulks = bulks
        self.time = time
        collection = NotificationCollection(
            path: Self.path, owners: [.adminNotifications], faces: [AdminNotificationsFace()], stores: stores)
    }

    func add(to routes: Routes) {
        collection.add(to: routes)
        routes.on(.post, Self.path + "/certification-reminder", use: remind)
        routes.on(.post, Self.path + "/bulk-certification-reminders", use: bulks.remind)
        routes.on(.put, Self.path + "/:id", use: act)
        routes.on(.delete, Self.path + "/:id", use: cancel)
    }

    private func remind(_ request: Request, _ context: CallContext) async throws -> Answer {
        var (post, object) = try await dispatch.read(request, context)
        var reader = FieldReader(object)
        let userID = reader.requiredText("user_id", .id)
        let options = SendingOptions(&reader, providers: [.smtp])
        try reader.check()
        post.unknown = reader.unknown
        // It is answered at once, whatever the caller would wait for.
        post.preference = Preference(request.headers, limit: .zero)
        let id = dispatch.id(prefix: Self.idPrefix)
        let scope = post.caller.scope
        return try await dispatch.send(as: id, for: post) {
            guard let user = try await stores.directory.user(userID, scope: scope) else { throw Problem.notFound("user") }
            let now = time.now
            guard let certification = try await stores.directory.soonestCertification(of: userID, notBefore: now) else {
                throw Self.noCertification
            }
            return writer.draft(id: id, to: user, about: certification, batchID: nil, options: options, now: now)
        } answer: {
            Answer($0.creationStatus, AdminNotificationsFace().dispatched($0))
        }
    }

    private static var noCertification: Problem {
        var faults = Faults()
        faults.add("/user_id", "the user has no certification on file that is still to expire")
        return .invalid(faults)
    }

    private enum Action: String, CaseIterable {
        case retry
    }

    private func act(_ request: Request, _ context: CallContext) async throws -> Answer {
        let body = try await Body(request, limit: dispatch.bodyLimit)
        var reader = FieldReader(body.object)
        let action = reader.requiredWord("action", of: Action.allCases, otherwise: .retry)
        try reader.check()
        var answer: Answer
        switch action {
        case .retry: answer = try await retry(context)
        }
        answer.warn(ofUnknown: reader.unknown)
        return answer
    }

    private func retry(_ context: CallContext) async throws -> Answer {
        let (notification, _) = try await collection.find(context)
        let scope = try context.caller.scope
        let now = time.now
        guard notification.tally.status == .failed else { throw Self.conflict(notification, wanted: .failed, verb: "retried") }
        guard let user = try await stores.directory.users([notification.userID ?? ""], scope: scope).values.first else {
            throw Problem.conflict("The dispatch can't be retried: its user is in the directory no more.")
        }
        switch try await dispatch.engine.retry(writer.draft(of: notification, to: user), scope: scope, by: context.caller.actor) {
        case .queued: return Answer(AdminNotificationsFace.acted(notification.id, .queued, at: "retried_at", now))
        case .impossible(let reason): throw Problem.conflict("The dispatch can't be retried, because it would fail again: \(reason).")
        case .notFailed: throw Self.conflict(try await collection.find(context).0, wanted: .failed, verb: "retried")
        }
    }

    private func cancel(_ request: Request, _ context: CallContext) async throws -> Answer {
        let (notification, _) = try await collection.find(context)
        let now = time.now
        guard try await dispatch.engine.cancel(notification: notification.id, scope: try context.caller.scope, by: try context.caller.actor) else {
            throw Self.conflict(try await collection.find(context).0, wanted: .queued, verb: "cancelled")
        }
        return Answer(AdminNotificationsFace.acted(notification.id, .cancelled, at: "cancelled_at", now))
    }

    private static func conflict(_ notification: Notification, wanted: FoldedStatus, verb: String) -> Problem {
        let status = notification.tally.status
        let words = AdminNotificationsFace.words
        // Queued, in this contract's words, is also what is being sent.
        let found = status == wanted ? "being sent" : words.word(status)
        return .conflict("Only a dispatch that is \(words.word(wanted)) can be \(verb); this one is \(found).")
    }
}
