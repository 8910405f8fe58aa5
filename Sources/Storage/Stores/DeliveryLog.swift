public import Domain

public struct DeliveryFilter: Sendable, Hashable {
    public var notificationID: String?
    public var userID: String?
    public var orgID: String?
    public var provider: ProviderName?
    public var state: DeliveryState?
    public var from: Timestamp?
    public var to: Timestamp?

    public init() {}
}

/// One attempt as it is remembered.
public struct Attempt: Sendable, Hashable {
    /// From 1.
    public var number: Int
    public var startedAt: Timestamp
    public var endedAt: Timestamp
    public var outcome: String
    /// The rule of the verdict table.
    public var rule: String
    public var status: Int?
    public var reason: String?
    public var detail: String?
    public var nextAttemptAt: Timestamp?

    public init(
        number: Int, startedAt: Timestamp, endedAt: Timestamp, outcome: String, rule: String, status: Int?, reason: String?, detail: String?,
        nextAttemptAt: Timestamp?
    ) {
        self.number = number
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.outcome = outcome
        self.rule = rule
        self.status = status
        self.reason = reason
        self.detail = detail
        self.nextAttemptAt = nextAttemptAt
    }
}

/// Deliveries as operators see them.
public struct DeliveryLog: Sendable {
    public init(_ committer: GroupCommit) {
        fatalError("to be built")
    }

    public func get(_ id: Identifier, scope: OrgScope) async throws -> Delivery? {
        fatalError("to be built")
    }

    public func attempts(of id: Identifier) async throws -> [Attempt] {
        fatalError("to be built")
    }

    /// All deliveries of these notifications, oldest first.
    public func deliveries(of notificationIDs: [String], scope: OrgScope) async throws -> [Delivery] {
        fatalError("to be built")
    }

    public func list(_ filter: DeliveryFilter, page: Page, scope: OrgScope) async throws -> Listing<Delivery> {
        fatalError("to be built")
    }

    /// How many deliveries stand in each state; for readiness and metrics.
    public func counts() async throws -> [DeliveryState: Int] {
        fatalError("to be built")
    }
}
