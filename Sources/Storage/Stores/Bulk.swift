public import Domain

/// A dispatch to everybody who fits, too many for one transaction: what was asked for, and how far it has come.
public struct Bulk: Sendable, Hashable {
    /// The last one that was seen to. Users are taken org by org, both in the order of their ids.
    public struct Cursor: Sendable, Hashable {
        public var orgID: String
        public var userID: String

        public init(orgID: String, userID: String) {
            self.orgID = orgID
            self.userID = userID
        }
    }

    /// Also the `batchID` of its notifications.
    public var id: String
    public var orgID: String
    /// What the caller asked for, and what else has to be the same when it is carried on.
    public var parameters: JSONObject
    /// The moment by which it is judged who fits, whenever that happens.
    public var beganAt: Timestamp
    /// Nil before the first step.
    public var cursor: Cursor?
    /// Notifications made.
    public var eligible: Int
    /// Those of them that could not be queued.
    public var failed: Int
    public var finishedAt: Timestamp?

    public init(
        id: String, orgID: String, parameters: JSONObject, beganAt: Timestamp, cursor: Cursor? = nil, eligible: Int = 0, failed: Int = 0,
        finishedAt: Timestamp? = nil
    ) {
        self.id = id
        self.orgID = orgID
        self.parameters = parameters
        self.beganAt = beganAt
        self.cursor = cursor
        self.eligible = eligible
        self.failed = failed
        self.finishedAt = finishedAt
    }
}

/// One step of a bulk, written in the transaction that inserts its notifications: all that were seen to up to `to`.
public struct BulkStep: Sendable, Hashable {
    public var bulkID: String
    /// Where the bulk stood when the step was prepared; it is refused when the bulk has moved on since.
    public var from: Bulk.Cursor?
    public var to: Bulk.Cursor

    public init(bulkID: String, from: Bulk.Cursor?, to: Bulk.Cursor) {
        self.bulkID = bulkID
        self.from = from
        self.to = to
    }
}
