import Domain
import HTTPTypes
import Hummingbird
import Storage

/// What a bulk came to: its counts, and the ids of all that it dispatched, read from the database while the caller reads them.
struct BulkAnswer: KeptAnswer {
    var headers: HTTPFields = [:]
    private let bulk: Bulk
    private let bulks: BulkStore

    init(_ bulk: Bulk, _ bulks: BulkStore) {
        self.bulk = bulk
        self.bulks = bulks
    }

    /// Which bulk it was: 100,000 ids stand in the database already.
    var stored: StoredAnswer { StoredAnswer(status: 200, contentType: "application/json", body: bulk.id) }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        StreamedAnswer(
            headers: headers, wrapper: "data",
            head: [
                "org_id": .string(bulk.orgID), "days_threshold": .integer(bulk.daysThreshold), "total_eligible": .integer(bulk.eligible),
                "dispatched": .integer(bulk.eligible - bulk.failed), "failed": .integer(bulk.failed),
            ], array: "dispatch_ids",
            elements: { emit in try await bulks.notificationIDs(of: bulk.id) { try await emit($0.map { .string($0) }) } },
            tail: { _ in ["dispatched_at": JSON(bulk.finishedAt)] }
        ).response(from: request, context: context)
    }
}
