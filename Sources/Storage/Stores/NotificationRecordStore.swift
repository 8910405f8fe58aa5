public import Domain

/// Notification records: what other services have told coordinators about peer mentors.
public struct NotificationRecordStore: Sendable {
    private let committer: GroupCommit

    public init(_ committer: GroupCommit) {
        self.committer = committer
    }

    /// Throws `StorageError.statement` when the id exists already, or when the idempotency key is no longer held by this lease.
    ///
    /// - Parameter idempotency: marks that key in the same transaction, so that a repeat after a crash finds the record instead of making another.
    public func create(_ record: NotificationRecord, lease: Lease, idempotency: IdempotencyMark? = nil) async throws {
        try await committer.write { connection in
            if let idempotency { try IdempotencyStore.mark(idempotency, lease: lease, connection) }
            try connection.run(
                "INSERT INTO notification_records (\(NotificationRecord.selection), sent_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                record.arguments + [SQLValue(record.id.timestamp)])
        }
    }

    public func get(_ id: Identifier, scope: OrgScope) async throws -> NotificationRecord? {
        try await committer.database.read { connection in try Self.find(id, scope: scope, connection) }
    }

    public enum Update: Sendable, Hashable {
        case changed(NotificationRecord)
        case noSuchRecord
        /// There would be more than `NotificationRecord.dispatchLimit`; nothing was changed.
        case tooManyDispatches
    }

    public func update(_ id: Identifier, _ change: NotificationRecord.Change, scope: OrgScope, now: Timestamp) async throws -> Update {
        try await committer.write { connection in
            guard var record = try Self.find(id, scope: scope, connection) else { return .noSuchRecord }
            guard record.apply(change, now: now) else { return .tooManyDispatches }
            try connection.run(
                "UPDATE notification_records SET channels = ?, dispatch_ids = ?, notes = ?, updated_at = ? WHERE id = ?",
                [.text(record.channelsText), record.dispatchIDsValue, SQLValue(record.notes), SQLValue(record.updatedAt), SQLValue(id)])
            return .changed(record)
        }
    }

    /// For good: a record tells of a person's affairs, and what is deleted is kept nowhere. False when there is none.
    public func delete(_ id: Identifier, scope: OrgScope) async throws -> Bool {
        let condition = scope.condition(on: "org_id")
        return try await committer.write { connection in
            try connection.run("DELETE FROM notification_records WHERE id = ? AND \(condition.sql)", [SQLValue(id)] + condition.arguments) == 1
        }
    }

    /// Newest first. A cursor is a place in time: it holds when its record is gone, and one that is no record's id gives an empty page.
    public func list(_ filter: NotificationRecordFilter, page: Page, scope: OrgScope) async throws -> Listing<NotificationRecord> {
        let listing = NotificationRecordListing(filter: filter, scope: scope, dialect: committer.database.dialect)
        return try await committer.database.read { connection in try listing.page(page, connection) }
    }

    /// One mentor's records, newest first, for reading in pieces.
    ///
    /// - Parameter before: the last record of the piece before; nil begins.
    public func history(of mentorID: String, before: Identifier?, limit: Int, scope: OrgScope) async throws -> [NotificationRecord] {
        let condition = scope.condition(on: "org_id")
        let table = "notification_records \(committer.database.dialect.going(by: "notification_records_by_mentor"))"
        return try await committer.database.read { connection in
            var records: [NotificationRecord] = []
            try connection.query(
                """
                SELECT \(NotificationRecord.selection) FROM \(table)
                WHERE mentor_id = ? AND id < ? AND \(condition.sql)
                ORDER BY id DESC LIMIT ?
                """, [.text(mentorID), SQLValue(before ?? .greatest)] + condition.arguments + [SQLValue(limit)]
            ) { records.append(try NotificationRecord($0)) }
            return records
        }
    }

    private static func find(_ id: Identifier, scope: OrgScope, _ connection: any SQLConnection) throws -> NotificationRecord? {
        let condition = scope.condition(on: "org_id")
        var record: NotificationRecord?
        try connection.query(
            "SELECT \(NotificationRecord.selection) FROM notification_records WHERE id = ? AND \(condition.sql)",
            [SQLValue(id)] + condition.arguments
        ) { record = try NotificationRecord($0) }
        return record
    }
}
