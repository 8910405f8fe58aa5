import DeliveryEngine
import Domain
import HTTPTypes
import Hummingbird
import Logging
import ServiceLifecycle
import Storage

/// Reminds everybody in an org whose certification is about to expire, in steps that are durable each: however many they are, a step is all that is
/// in memory, and a bulk that was interrupted is carried on where it stood.
struct BulkReminders: Sendable {
    static let idPrefix = "bulk_"
    /// Users of one transaction: enough to make a commit cheap, few enough that others' commits don't wait for it noticeably.
    private static let step = 500

    let dispatch: Dispatch
    let stores: Stores
    let writer: ReminderWriter
    let orgs: any CredentialDirectory
    let time: any TimeSource
    let logger: Logger

    func remind(_ request: Request, _ context: CallContext) async throws -> BulkAnswer {
        var (post, object) = try await dispatch.read(request, context)
        var reader = FieldReader(object)
        let wanted = BulkRequest(&reader)
        try reader.check()
        post.unknown = reader.unknown
        let family = try await family(of: wanted, for: post.caller)
        let id = dispatch.id(prefix: Self.idPrefix)
        // A task of its own, on purpose: a caller that hangs up cancels nothing, and its key has to end as what became of the bulk.
        let work = Task { [post] in
            try await dispatch.repeats.inSteps(post) { key in
                let bulk = wanted.bulk(id: id, orgs: family, now: time.now)
                try await stores.bulks.begin(
                    bulk, lease: dispatch.engine.lease, idempotency: key.map { IdempotencyMark(key: $0, reference: id) })
                logger.info("bulk.began", metadata: ["bulk": "\(id)", "org": "\(bulk.orgID)", "orgs": "\(family.count)"])
                return id
            } finish: { id in
                do {
                    return BulkAnswer(try await run(id, key: post.key), stores.bulks)
                } catch {
                    // Told here too: its caller may be gone.
                    logger.warning("bulk.interrupted", metadata: ["bulk": "\(id)", "error": "\(error)"])
                    throw error
                }
            } replay: { stored in
                BulkAnswer(try await find(stored.body), stores.bulks)
            }
        }
        return try await work.value
    }

    /// The orgs to walk through. One that the caller may not reach, or that is not there, reads the same.
    private func family(of wanted: BulkRequest, for caller: Caller) async throws -> Set<String> {
        let known = orgs.organisations
        var isThere = caller.scope.contains(wanted.orgID)
        if isThere, case .all = caller.scope, !known.contains(where: { $0.id == wanted.orgID }) {
            isThere = try await stores.directory.organisation(wanted.orgID, scope: .all) != nil
        }
        guard isThere else { throw Problem.notFound("organisation") }
        guard wanted.includeSubOrgs else { return [wanted.orgID] }
        return OrgTree(known).family(of: wanted.orgID).filter { caller.scope.contains($0) }
    }

    private func find(_ id: String) async throws -> Bulk {
        guard let bulk = try await stores.bulks.get(id) else { throw Problem.notFound("bulk any more") }
        return bulk
    }

    /// Carries a bulk on from wherever it stands, to its end.
    private func run(_ id: String, key: IdempotencyKey?) async throws -> Bulk {
        var bulk = try await find(id)
        let mark = key.map { IdempotencyMark(key: $0, reference: id) }
        let reached = bulk.cursor?.orgID ?? ""
        for org in bulk.orgs where org >= reached {
            while let step = try await nextStep(of: bulk, in: org) {
                guard !Task.isShuttingDownGracefully else { throw Self.shuttingDown }
                try await patiently { try await dispatch.engine.submit(step.drafts, step: step.step, idempotency: mark) }
                bulk.cursor = step.step.to
            }
        }
        guard let finished = try await stores.bulks.finish(id, at: time.now) else { throw Problem.internalError }
        logger.info(
            "bulk.finished", metadata: ["bulk": "\(id)", "org": "\(bulk.orgID)", "eligible": "\(finished.eligible)", "failed": "\(finished.failed)"])
        return finished
    }

    private static var shuttingDown: Problem {
        .unavailable(
            "The gateway is shutting down in the middle of the bulk: repeat the call with its Idempotency-Key to carry it on. Without a key it ends here.",
            retryAfter: 5)
    }

    /// Nil when nobody is left in the org.
    private func nextStep(of bulk: Bulk, in org: String) async throws -> (drafts: [Draft], step: BulkStep)? {
        let after = bulk.cursor.flatMap { $0.orgID == org ? $0.userID : nil }
        let found = try await stores.directory.expiring(in: org, after: after, from: bulk.beganAt, until: bulk.until, limit: Self.step)
        guard let last = found.last else { return nil }
        let reached = try await stores.bulks.reached(by: bulk.id, among: found.map(\.user.id))
        let people = found.filter { !reached.contains($0.user.id) }
        let now = time.now
        let ids = dispatch.ids(people.count, prefix: AdminNotifications.idPrefix)
        let drafts = zip(people, ids).map { person, id in
            writer.draft(id: id, to: person.user, about: person.certification, batchID: bulk.id, options: bulk.options, now: now)
        }
        return (drafts, BulkStep(bulkID: bulk.id, from: bulk.cursor, to: .init(orgID: org, userID: last.user.id)))
    }

    /// A moment at which the database is busy must not end what takes minutes; what lasts longer does, and the bulk stands where it stood.
    private func patiently(_ write: () async throws -> Void) async throws {
        for _ in 0..<100 {
            do {
                return try await write()
            } catch StorageError.overloaded, StorageError.locked {
                try await time.sleep(for: .milliseconds(100))
            }
        }
        try await write()
    }
}
