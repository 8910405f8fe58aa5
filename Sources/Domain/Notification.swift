/// Which contract created a notification, and so in which shape it is shown for ever after.
public enum Contract: String, Sendable, Hashable, CaseIterable {
    case adminNotifications = "admin-notifications"
    case pushDispatcher = "push-dispatcher"
    case coordinatorNotifications = "coordinator-notifications"
    case pushService = "push-service"
    /// Records of what other services have sent; makes no notifications of its own.
    case notificationRecords = "notification-records"
    /// The gateway's own `POST /api/v1/deliveries`.
    case direct = "direct"
}

public enum Priority: String, Sendable, Hashable, CaseIterable {
    case normal
    case high
}

/// What is to be said, whoever carries it.
public struct Content: Sendable, Hashable {
    /// At most 1,024 characters; a mail's subject.
    public var title: String?
    /// At most 16,384 characters; a mail's text part.
    public var body: String?
    /// A mail's HTML part.
    public var html: String?
    /// Handed to the app untouched; always an object.
    public var data: JSONObject?
    /// An `https` address for RFC 8058 one-click unsubscription; mail only.
    public var listUnsubscribe: String?
    /// A later notification with the same id replaces this one on the device. At most 64 bytes (APNs).
    public var collapseID: String?
    public var priority: Priority

    public init(
        title: String? = nil, body: String? = nil, html: String? = nil, data: JSONObject? = nil, listUnsubscribe: String? = nil,
        collapseID: String? = nil, priority: Priority = .high
    ) {
        self.title = title
        self.body = body
        self.html = html
        self.data = data
        self.listUnsubscribe = listUnsubscribe
        self.collapseID = collapseID
        self.priority = priority
    }
}

/// Content for a recipient, and what has become of it so far. Fans out into deliveries.
public struct Notification: Sendable, Hashable {
    /// As it stands in URLs and answers, prefix included.
    public var id: String
    public var orgID: String
    public var contract: Contract
    /// Nil for a direct dispatch to a bare token or address.
    public var userID: String?
    public var content: Content
    /// What sort of message it is, in the caller's word and one of few: A's and C's `type`, B's `scenario_id`. Lists filter by it.
    public var category: String?
    /// Contract members that the gateway keeps for the caller and does not read: `prompt_id`, `retry_note`, `opened_at` …
    public var attributes: JSONObject
    public var batchID: String?
    public var createdAt: Timestamp
    /// Set by PUT.
    public var updatedAt: Timestamp?
    /// After this moment no attempt is made any more.
    public var expiresAt: Timestamp?
    /// A state that a caller has set by PUT (`retried`, `resolved`, `opened`); it wins over the folded one.
    public var statedStatus: String?
    public var tally: Tally
    /// Why nothing was sent, or why the last target failed; in words for the caller.
    public var error: String?

    public init(
        id: String, orgID: String, contract: Contract, userID: String?, content: Content, category: String? = nil, attributes: JSONObject = [:],
        batchID: String? = nil, createdAt: Timestamp, updatedAt: Timestamp? = nil, expiresAt: Timestamp? = nil, statedStatus: String? = nil,
        tally: Tally = Tally(),
        error: String? = nil
    ) {
        self.id = id
        self.orgID = orgID
        self.contract = contract
        self.userID = userID
        self.content = content
        self.category = category
        self.attributes = attributes
        self.batchID = batchID
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.expiresAt = expiresAt
        self.statedStatus = statedStatus
        self.tally = tally
        self.error = error
    }
}

/// How many of a notification's deliveries stand where. Kept beside the notification so that lists need no join.
public struct Tally: Sendable, Hashable {
    /// All deliveries of the notification.
    public var targeted: Int
    /// Delivered, or accepted by Expo with the receipt still open.
    public var reached: Int
    public var failed: Int
    public var cancelled: Int

    public init(targeted: Int = 0, reached: Int = 0, failed: Int = 0, cancelled: Int = 0) {
        self.targeted = targeted
        self.reached = reached
        self.failed = failed
        self.cancelled = cancelled
    }

    /// How B and E fold several deliveries into one: reached if at least one target was, failed if all have failed for good,
    /// cancelled if nothing else is left, queued while none was reached and one is still under way.
    public var status: FoldedStatus {
        if reached > 0 { return .reached }
        if targeted == 0 { return .failed }
        if failed + cancelled >= targeted { return failed > 0 ? .failed : .cancelled }
        return .queued
    }

    /// True when no delivery will change any more but by a receipt or an operator.
    public var isSettled: Bool { reached + failed + cancelled >= targeted }
}

public enum FoldedStatus: String, Sendable, Hashable, CaseIterable {
    case queued
    case reached
    case failed
    case cancelled
}
