internal import Domain
internal import Storage

/// From drafts to notifications and deliveries: who is reached where, through which lane, and in words why not. Pure but for the tokens, which come in.
struct Intake: Sendable {
    /// The active tokens of users, by org and user.
    typealias Tokens = [String: [String: [DeviceToken]]]

    /// What the database knows of the recipients of a call.
    struct Known: Sendable {
        var tokens: Tokens = [:]
        /// Dead mail addresses, by org.
        var suppressed: [String: Set<String>] = [:]
    }

    let credentials: any CredentialDirectory

    /// Users whose tokens have to be known, by org.
    static func usersToLookUp(_ drafts: [Draft]) -> [String: [String]] {
        var users: [String: [String]] = [:]
        for draft in drafts {
            if case .user(let id) = draft.recipient, draft.channels.contains(.push), draft.impediment == nil {
                users[draft.orgID, default: []].append(id)
            }
        }
        return users.mapValues { Set($0).sorted() }
    }

    /// Mail addresses of which it has to be known whether they are dead, by org.
    static func addressesToLookUp(_ drafts: [Draft]) -> [String: [String]] {
        var addresses: [String: Set<String>] = [:]
        for draft in drafts {
            if case .email(let address) = draft.recipient { addresses[draft.orgID, default: []].insert(address) }
        }
        return addresses.mapValues { $0.sorted() }
    }

    func plan(_ drafts: [Draft], known: Known, now: Timestamp) -> [NewNotification] {
        var lanes = LaneChoice(credentials: credentials)
        return drafts.map { plan($0, known: known, lanes: &lanes, now: now) }
    }

    private func plan(_ draft: Draft, known: Known, lanes: inout LaneChoice, now: Timestamp) -> NewNotification {
        var notification = Notification(
            id: draft.id, orgID: draft.orgID, contract: draft.contract, userID: draft.userID, content: draft.content, category: draft.category,
            attributes: draft.attributes, batchID: draft.batchID, createdAt: now, expiresAt: draft.expiresAt)
        let targets: [Aim]
        switch resolve(draft, tokens: known.tokens) {
        case .none(let error):
            notification.error = error
            return NewNotification(notification: notification, deliveries: [])
        case .some(let found): targets = found
        }
        let deliveries = targets.map { delivery(of: draft, to: $0, known: known, lanes: &lanes, now: now) }
        notification.tally.targeted = deliveries.count
        notification.tally.failed = deliveries.count { $0.state == .failed }
        notification.tally.reached = deliveries.count { $0.state == .delivered }
        notification.error = deliveries.last { $0.state == .failed }?.error
        return NewNotification(
            notification: notification, deliveries: deliveries,
            madeByCommit: deliveries.filter { $0.state == .delivered }.map {
                Inbox.settlement(of: OutboundMessage(delivery: $0, content: draft.content), at: now)
            })
    }

    /// A target, and what decides on the lane to it.
    private struct Aim {
        var provider: ProviderName
        var target: Target
        var app: String?
    }

    private enum Targets {
        case some([Aim])
        case none(error: String)
    }

    private func resolve(_ draft: Draft, tokens: Tokens) -> Targets {
        if let impediment = draft.impediment { return .none(error: impediment) }
        switch draft.recipient {
        case .email(let address):
            if let provider = draft.provider, provider != .smtp {
                return .none(error: "An e-mail address is reached by smtp, not by \(provider.rawValue)")
            }
            return .some([Aim(provider: .smtp, target: Target(address: address))])
        case .token(let token, let platform, let app):
            let provider = TokenForm.provider(of: token, platform: platform, declared: draft.provider)
            guard provider.channel == .push else {
                return .none(error: "A device token is reached by expo, apns or fcm, not by \(provider.rawValue)")
            }
            return .some([Aim(provider: provider, target: Target(address: token, platform: platform), app: app)])
        case .user(let user):
            if draft.provider == .smtp { return .none(error: "A user is reached by expo, apns or fcm; smtp needs an e-mail address") }
            let inboxes = draft.channels.contains(.inApp) ? [Aim(provider: .inApp, target: Target(address: user))] : []
            guard draft.channels.contains(.push) else { return .some(inboxes) }
            switch devices(draft, tokens[draft.orgID]?[user] ?? []) {
            case .some(let devices): return .some(inboxes + devices)
            case .none(let error): return inboxes.isEmpty ? .none(error: error) : .some(inboxes)
            }
        }
    }

    private func devices(_ draft: Draft, _ active: [DeviceToken]) -> Targets {
        if active.isEmpty { return .none(error: "The user has no active device token") }
        let wanted = active.filter { draft.provider == nil || draft.provider == $0.provider }
        if wanted.isEmpty { return .none(error: "The user has no active device token for \(draft.provider?.rawValue ?? "push")") }
        return .some(
            wanted.map { token in
                Aim(
                    provider: token.provider,
                    target: Target(
                        address: token.token, platform: token.platform, registeredAt: token.registeredAt, usedAt: token.lastUsedAt),
                    app: token.app)
            })
    }

    private func delivery(
        of draft: Draft, to aim: Aim, known: Known, lanes: inout LaneChoice, now: Timestamp
    ) -> Delivery {
        let (provider, target) = (aim.provider, aim.target)
        let lane = lanes.lane(for: draft, provider, app: aim.app)
        var delivery = Delivery(
            id: .make(at: now), notificationID: draft.id, orgID: draft.orgID, userID: draft.userID,
            lane: lane ?? LaneKey(orgID: draft.orgID, provider: provider, credential: draft.credential ?? ""), target: target, nextAttemptAt: now,
            createdAt: now, expiresAt: draft.expiresAt, priority: draft.content.priority)
        if lane == nil {
            delivery.fail(reason: "no_credential", error: lanes.absence(for: draft, provider, app: aim.app), at: now)
        } else if let expiresAt = draft.expiresAt, expiresAt <= now {
            delivery.fail(reason: "expired", error: "Expired before it was accepted (expires_at \(expiresAt.rfc3339Seconds))", at: now)
        } else if provider == .smtp, known.suppressed[draft.orgID]?.contains(target.address) ?? false {
            delivery.fail(
                reason: "suppressed",
                error: "The mail address is suppressed: a relay has called it dead; take it off the suppression list to try again", at: now)
        } else if provider == .inApp {
            delivery.state = .delivered
            delivery.attempts = 1
            delivery.settledAt = now
        }
        return delivery
    }
}

/// Looks each (org, provider, credential, app) up once per call: a batch has many drafts and few lanes.
private struct LaneChoice {
    private struct Question: Hashable {
        var orgID: String
        var provider: ProviderName
        var credential: String?
        var app: String?
    }

    let credentials: any CredentialDirectory
    private var known: [Question: LaneKey?] = [:]
    /// Nearly always the next one's too.
    private var last: (question: Question, lane: LaneKey?)?

    init(credentials: any CredentialDirectory) {
        self.credentials = credentials
    }

    mutating func lane(for draft: Draft, _ provider: ProviderName, app: String?) -> LaneKey? {
        if provider == .inApp { return .inbox(of: draft.orgID) }
        let question = Question(orgID: draft.orgID, provider: provider, credential: draft.credential, app: app)
        if let last, last.question == question { return last.lane }
        let lane = known[question] ?? credentials.lane(orgID: draft.orgID, provider: provider, name: draft.credential, app: app)
        known[question] = .some(lane)
        last = (question, lane)
        return lane
    }

    func absence(for draft: Draft, _ provider: ProviderName, app: String?) -> String {
        if let name = draft.credential {
            "The organisation \(draft.orgID) has no \(provider.rawValue) credential named \(name); set it, or leave out its name"
        } else if let app, credentials.lane(orgID: draft.orgID, provider: provider, name: nil, app: nil) != nil {
            "No \(provider.rawValue) credential of the organisation \(draft.orgID), or of one above it, is for the app \(app); set one that names it among "
                + "its apps, or name a credential"
        } else {
            "The organisation \(draft.orgID) has no \(provider.rawValue) credential; set one for it or for an organisation above it"
        }
    }
}

extension Delivery {
    fileprivate mutating func fail(reason: String, error: String, at now: Timestamp) {
        state = .failed
        self.reason = reason
        self.error = error
        settledAt = now
    }
}
