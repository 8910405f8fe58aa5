import DeliveryEngine
import Domain
import HTTPTypes
import Hummingbird
import Storage

/// The contract notification-records: what other services have told coordinators about peer mentors, kept for the proof.
struct NotificationRecords: Sendable {
    static let path = "/api/v1/notification-records"

    let dispatch: Dispatch
    let stores: Stores
    let time: any TimeSource

    /// Who may do what is the contract's, to the letter: to record is for those who tell coordinators, and not for who oversees them all.
    func add(to routes: Routes) {
        let everyone = Access.always(.coordinator, .orgAdmin, .globalAdmin)
        routes.on(.get, Self.path, access: everyone, use: list)
        routes.on(.post, Self.path, access: .always(.coordinator, .orgAdmin), use: record)
        routes.on(.get, Self.path + "/:id", access: everyone, use: get)
        routes.on(.put, Self.path + "/:id", access: .always(.orgAdmin, .globalAdmin), use: put)
        routes.on(.delete, Self.path + "/:id", access: .always(.globalAdmin), use: delete)
        routes.on(.get, Self.path + "/peer-mentor-profile/:peerMentorId", access: everyone, use: profile)
        routes.on(.get, Self.path + "/history/:peerMentorId", access: everyone, use: history)
    }

    private func list(_ request: Request, _ context: CallContext) async throws -> Answer {
        let scope = try context.caller.scope
        var query = QueryReader(request.uri.query)
        let page = PageReader(&query)
        var filter = NotificationRecordFilter()
        filter.mentorID = query.text("peer_mentor_id")
        filter.coordinatorID = query.text("coordinator_id")
        filter.eventType = query.text("event_type")
        filter.from = query.time("from")
        filter.to = query.time("to")
        try query.check()
        let listing = try await stores.records.list(filter, page: page.bounded, scope: scope)
        let mentors = try await stores.directory.mentors(Array(Set(listing.elements.map(\.mentorID))), scope: scope)
        return page.answer(listing, at: Self.path, query: query, id: \.idText) { record in
            .object(NotificationRecordShape.entry(record, mentor: mentors[record.mentorID]))
        }
    }

    private func get(_ request: Request, _ context: CallContext) async throws -> Answer {
        let scope = try context.caller.scope
        let query = QueryReader(request.uri.query)
        try query.check()
        guard let record = try await stores.records.get(try id(context), scope: scope) else { throw Self.noSuchRecord }
        let mentor = try await stores.directory.mentor(record.mentorID, scope: scope)
        let coordinator = try await stores.directory.users([record.coordinatorID], scope: scope)[record.coordinatorID]
        var answer = Answer(.object(NotificationRecordShape.record(record, mentor: mentor, coordinator: coordinator)))
        answer.warn(ofUnknown: query.unknown)
        return answer
    }

    private func record(_ request: Request, _ context: CallContext) async throws -> Answer {
        var (post, object) = try await dispatch.read(request, context)
        var reader = FieldReader(object)
        let message = NotificationRecordMessage(&reader)
        try reader.check()
        post.unknown = reader.unknown
        let caller = post.caller
        return try await dispatch.repeats.once(post) { key in
            let orgID = try await org(ofMentor: message.mentorID, for: caller)
            let record = message.record(id: .make(at: time.now), orgID: orgID)
            try await stores.records.create(
                record, lease: dispatch.engine.lease, idempotency: key.map { IdempotencyMark(key: $0, reference: record.idText) })
            return record
        } answer: { record in
            Answer(.created, .object(NotificationRecordShape.created(record)))
        } resume: { reference in
            guard let id = Identifier(text: reference, prefix: NotificationRecord.idPrefix),
                let record = try await stores.records.get(id, scope: caller.scope)
            else {
                // The gateway died before it could answer, and the record was deleted before the caller asked again.
                throw Problem.notFound("notification record any more: it was made, and deleted since")
            }
            return Answer(.created, .object(NotificationRecordShape.created(record)))
        }
    }

    private func put(_ request: Request, _ context: CallContext) async throws -> Answer {
        let scope = try context.caller.scope
        let id = try id(context)
        let body = try await Body(request, limit: dispatch.bodyLimit)
        var reader = FieldReader(body.object)
        let change = NotificationRecord.Change(&reader)
        try reader.check()
        switch try await stores.records.update(id, change, scope: scope, now: time.now) {
        case .noSuchRecord: throw Self.noSuchRecord
        case .tooManyDispatches:
            // The call by itself is sound; it is what the record has already that leaves no room.
            throw Problem.conflict(
                "The record would have more than \(NotificationRecord.dispatchLimit) dispatch ids, which is the most that one can have; record the rest anew."
            )
        case .changed(let record):
            var answer = Answer(.object(NotificationRecordShape.changed(record, change)))
            answer.warn(ofUnknown: reader.unknown)
            return answer
        }
    }

    private func delete(_ request: Request, _ context: CallContext) async throws -> Answer {
        let id = try id(context)
        guard try await stores.records.delete(id, scope: try context.caller.scope) else { throw Self.noSuchRecord }
        return Answer(NotificationRecordShape.deleted(id, at: time.now))
    }

    /// What is not written as an id names no record.
    private func id(_ context: CallContext) throws(Problem) -> Identifier {
        guard let id = Identifier(text: try context.segment("id"), prefix: NotificationRecord.idPrefix) else { throw Self.noSuchRecord }
        return id
    }

    /// The mentor's org by the directory, else the caller's. A mentor of an org that the caller may not reach reads as none.
    private func org(ofMentor mentorID: String, for caller: Caller) async throws -> String {
        guard let mentor = try await stores.directory.mentor(mentorID, scope: .all) else { return caller.orgID }
        guard caller.scope.contains(mentor.orgID) else { throw Problem.notFound("peer mentor") }
        return mentor.orgID
    }

    private static var noSuchRecord: Problem { .notFound("notification record") }
}
