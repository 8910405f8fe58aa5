import Domain
import HTTPTypes
import Hummingbird
import Storage

/// Notifications that callers may annotate with PUT and remove with DELETE, beside reading them.
struct AmendableCollection: Sendable {
    /// Those contracts of the path that are served.
    let faces: [any AmendableFace]
    let reading: NotificationCollection
    let time: any TimeSource
    let bodyLimit: Int

    /// - Parameter owners: the contracts that own the path, served or not.
    init(path: String, owners: [Contract], faces: [any AmendableFace], stores: Stores, time: any TimeSource, bodyLimit: Int) {
        self.faces = faces
        reading = NotificationCollection(path: path, owners: owners, faces: faces, stores: stores)
        self.time = time
        self.bodyLimit = bodyLimit
    }

    func add(to routes: Routes) {
        reading.add(to: routes)
        routes.on(.put, reading.path + "/:id", use: put)
        routes.on(.delete, reading.path + "/:id", use: delete)
    }

    private func put(_ request: Request, _ context: CallContext) async throws -> Answer {
        let body = try await Body(request, limit: bodyLimit)
        var query = QueryReader(request.uri.query)
        let (found, face) = try await find(context, &query)
        let now = time.now
        var reader = FieldReader(body.object)
        let change = face.change(&reader, now: now)
        try reader.check()
        let scope = try context.caller.scope
        guard
            let changed = try await reading.stores.notifications.update(
                group: found.id, userID: found.recipientID, change, scope: scope, now: now)
        else { throw Problem.notFound("notification") }
        var answer = Answer(face.changed(changed))
        answer.warn(ofUnknown: reader.unknown + query.unknown)
        return answer
    }

    private func delete(_ request: Request, _ context: CallContext) async throws -> Answer {
        var query = QueryReader(request.uri.query)
        let (found, face) = try await find(context, &query)
        let scope = try context.caller.scope
        let now = time.now
        guard try await reading.stores.notifications.delete(group: found.id, userID: found.recipientID, scope: scope, now: now) else {
            throw Problem.notFound("notification")
        }
        var answer = Answer(face.deleted(found.id, at: now))
        answer.warn(ofUnknown: query.unknown)
        return answer
    }

    private func find(_ context: CallContext, _ query: inout QueryReader) async throws -> (FoundNotification, any AmendableFace) {
        let found = try await reading.find(context, &query)
        guard let face = faces.first(where: { $0.contract == found.notification.contract }) else { throw Problem.notFound("notification") }
        return (found, face)
    }
}
