public enum ProviderName: String, Sendable, Hashable, CaseIterable, Comparable {
    case expo
    case apns
    case fcm
    case smtp
    /// The recipient's inbox in the app, which is this gateway's own database: what is stored is delivered, and needs no credential.
    case inApp = "in_app"

    /// Those that an org has credentials for.
    public static let credentialed: [ProviderName] = allCases.filter { $0 != .inApp }

    public static func < (a: ProviderName, b: ProviderName) -> Bool { a.rawValue < b.rawValue }

    public var channel: Channel {
        switch self {
        case .expo, .apns, .fcm: .push
        case .smtp: .email
        case .inApp: .inApp
        }
    }
}

extension ProviderName {
    /// As sentences call it, at their beginning.
    public var spoken: String {
        switch self {
        case .expo: "Expo"
        case .apns: "APNs"
        case .fcm: "FCM"
        case .smtp: "The mail relay"
        case .inApp: "The inbox"
        }
    }
}

public enum Channel: String, Sendable, Hashable, CaseIterable {
    case push
    case email
    case inApp = "in_app"
}

public enum Platform: String, Sendable, Hashable, CaseIterable {
    case ios
    case android
    case web
}

/// The life of a delivery. `queued` → `sending` → one of the rest; back to `queued` when another attempt is due.
public enum DeliveryState: String, Sendable, Hashable, CaseIterable {
    /// Durable, waiting for its turn or its next attempt.
    case queued
    /// Leased by a running gateway.
    case sending
    /// Expo only: the ticket is ok, the receipt still open.
    case sent
    /// The provider took responsibility; for Expo, the receipt says ok.
    case delivered
    /// Permanent: no attempt will follow.
    case failed
    /// Withdrawn while queued.
    case cancelled
}

/// One (org, provider, credential): the unit that has a window, a limiter and a breaker of its own.
public struct LaneKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The org that owns the credential, which may be an ancestor of the recipient's.
    public var orgID: String
    public var provider: ProviderName
    public var credential: String

    public init(orgID: String, provider: ProviderName, credential: String) {
        self.orgID = orgID
        self.provider = provider
        self.credential = credential
    }

    /// The org's lane to in-app inboxes, which stands without being declared.
    public static func inbox(of orgID: String) -> LaneKey { LaneKey(orgID: orgID, provider: .inApp, credential: "inbox") }

    /// `org/provider/credential`: how a lane is named in the database and in logs.
    public var description: String { "\(orgID)/\(provider.rawValue)/\(credential)" }

    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let provider = ProviderName(rawValue: String(parts[1])) else { return nil }
        self.init(orgID: String(parts[0]), provider: provider, credential: String(parts[2]))
    }

    public static func < (a: LaneKey, b: LaneKey) -> Bool {
        (a.orgID, a.provider, a.credential) < (b.orgID, b.provider, b.credential)
    }
}

/// Where a delivery goes: a device token, an e-mail address or an in-app inbox.
public struct Target: Sendable, Hashable {
    /// The device token or the mail address, as given; for an inbox, whose it is.
    public var address: String
    public var platform: Platform?
    /// When the token was last registered with us; decides whether a provider's "gone since" still holds. Nil when the token is not in the registry.
    public var registeredAt: Timestamp?
    /// When the device was last reached, as the registry knew when the target was looked up. Not kept with a delivery: nil once it has been on disk.
    public var usedAt: Timestamp?

    public init(address: String, platform: Platform? = nil, registeredAt: Timestamp? = nil, usedAt: Timestamp? = nil) {
        self.address = address
        self.platform = platform
        self.registeredAt = registeredAt
        self.usedAt = usedAt
    }
}

/// What a provider is asked to do, and the only thing that is queued, attempted, retried, cancelled, delivered or failed.
public struct Delivery: Sendable, Hashable {
    /// Written `dlv_…`; its UUID form is the `apns-id`, its text the left side of a Message-ID, so a retry bears the same name as the first attempt.
    public var id: Identifier
    public var notificationID: String
    public var orgID: String
    public var userID: String?
    public var lane: LaneKey
    public var target: Target
    public var state: DeliveryState
    /// Attempts made so far.
    public var attempts: Int
    /// Of these, attempts that ended in a fault of the lane (refused credential, provider down) and do not count against the limit.
    public var heldAttempts: Int
    public var nextAttemptAt: Timestamp
    public var createdAt: Timestamp
    public var expiresAt: Timestamp?
    public var priority: Priority
    /// Ticket id, `apns-id`, FCM message name or SMTP queue id.
    public var providerMessageID: String?
    /// The last verdict's reason, in the provider's word where it has one.
    public var reason: String?
    /// The last fault in words for the caller; nil while there was none.
    public var error: String?
    public var settledAt: Timestamp?

    public init(
        id: Identifier, notificationID: String, orgID: String, userID: String?, lane: LaneKey, target: Target, state: DeliveryState = .queued,
        attempts: Int = 0, heldAttempts: Int = 0, nextAttemptAt: Timestamp, createdAt: Timestamp, expiresAt: Timestamp? = nil,
        priority: Priority = .high, providerMessageID: String? = nil, reason: String? = nil, error: String? = nil, settledAt: Timestamp? = nil
    ) {
        self.id = id
        self.notificationID = notificationID
        self.orgID = orgID
        self.userID = userID
        self.lane = lane
        self.target = target
        self.state = state
        self.attempts = attempts
        self.heldAttempts = heldAttempts
        self.nextAttemptAt = nextAttemptAt
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.priority = priority
        self.providerMessageID = providerMessageID
        self.reason = reason
        self.error = error
        self.settledAt = settledAt
    }

    public static let idPrefix = "dlv_"

    /// `dlv_` and 22 characters.
    public var idText: String { id.text(prefix: Self.idPrefix) }
}

/// One delivery with all that a provider needs for an attempt.
///
/// A class because it goes from hand to hand at every step, and to copy a delivery takes a dozen counts of references; it never changes.
public final class OutboundMessage: Sendable {
    public let delivery: Delivery
    public let content: Content
    /// Where its notification stands among the others; nil where that has not been looked up.
    public let place: NotificationPlace?

    public init(delivery: Delivery, content: Content, place: NotificationPlace? = nil) {
        self.delivery = delivery
        self.content = content
        self.place = place
    }
}

/// Where a notification stands: in which contract's list, under which category, and at which place in their order. None of it ever changes.
public struct NotificationPlace: Sendable, Hashable {
    public var key: Int64
    public var contract: Contract
    public var category: String?

    public init(key: Int64, contract: Contract, category: String?) {
        self.key = key
        self.contract = contract
        self.category = category
    }
}
