public import Domain

/// What a list of notifications may be narrowed by.
public struct NotificationFilter: Sendable, Hashable {
    /// Empty means every contract.
    public var contracts: [Contract] = []
    public var userID: String?
    /// Folded, or stated by PUT where one was.
    public var status: Status?
    public var scenarioID: String?
    public var promptID: String?
    /// `createdAt >= from`.
    public var from: Timestamp?
    /// `createdAt < to`.
    public var to: Timestamp?

    public enum Status: Sendable, Hashable {
        case folded(FoldedStatus)
        case stated(String)
    }

    public init() {}
}

/// What PUT may change. Nil leaves a member as it is.
public struct NotificationChange: Sendable, Hashable {
    public var statedStatus: String?
    /// Members to set in `attributes`.
    public var attributes: JSONObject = [:]

    public init() {}
}

/// Notifications as callers see them.
public struct NotificationStore: Sendable {
    public init(_ committer: GroupCommit) {
        fatalError("to be built")
    }

    public func get(_ id: String, scope: OrgScope) async throws -> Notification? {
        fatalError("to be built")
    }

    /// Several at once, in the order asked for; unknown ids are left out.
    public func get(_ ids: [String], scope: OrgScope) async throws -> [Notification] {
        fatalError("to be built")
    }

    public func inBatch(_ batchID: String, scope: OrgScope) async throws -> [Notification] {
        fatalError("to be built")
    }

    public func list(_ filter: NotificationFilter, page: Page, scope: OrgScope) async throws -> Listing<Notification> {
        fatalError("to be built")
    }

    /// Nil when there is none.
    public func update(_ id: String, _ change: NotificationChange, scope: OrgScope, now: Timestamp) async throws -> Notification? {
        fatalError("to be built")
    }

    /// Removes it from every list; queued deliveries of it are cancelled first. False when there is none.
    public func delete(_ id: String, scope: OrgScope, now: Timestamp) async throws -> Bool {
        fatalError("to be built")
    }
}
