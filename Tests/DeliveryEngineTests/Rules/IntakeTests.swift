import Domain
import Storage
import Testing

@testable import DeliveryEngine

struct IntakeTests {
    private struct Directory: CredentialDirectory {
        var lanes: [LaneKey] = [.apns, .expo, LaneKey(orgID: "org", provider: .smtp, credential: "relay")]
        var organisations: [Organisation] { [] }
        func lane(orgID: String, provider: ProviderName, name: String?, app: String?) -> LaneKey? {
            let own = lanes.filter { $0.orgID == orgID && $0.provider == provider && (name == nil || $0.credential == name) }
            guard name == nil, let app else { return own.first }
            // One credential of APNs for each app, and none that is for any.
            return provider == .apns ? own.first { app == "com.example.\($0.credential)" } : own.first
        }
    }

    private let intake = Intake(credentials: Directory())
    private let now = Timestamp.start

    private func draft(_ recipient: Draft.Recipient, provider: ProviderName? = nil, credential: String? = nil, expiresAt: Timestamp? = nil) -> Draft {
        Draft(
            id: "notif_1", contract: .direct, orgID: "org", recipient: recipient, content: Content(title: "t", priority: .normal), provider: provider,
            credential: credential, expiresAt: expiresAt)
    }

    private func token(_ text: String, _ provider: ProviderName, app: String? = nil) -> DeviceToken {
        DeviceToken(
            id: "dtoken-\(text)", orgID: "org", userID: "u", token: text, platform: .ios, provider: provider, app: app,
            registeredAt: now - .seconds(60))
    }

    private func plan(_ draft: Draft, _ known: Intake.Known = .init()) throws -> (Notification, [Delivery]) {
        let planned = try #require(intake.plan([draft], known: known, now: now).first)
        return (planned.notification, planned.deliveries)
    }

    @Test func `a user is reached at every active token, each through its provider's lane`() throws {
        let known = Intake.Known(tokens: ["org": ["u": [token("x", .expo), token("y", .apns)]]])
        let (notification, deliveries) = try plan(draft(.user("u")), known)
        #expect(deliveries.map(\.lane) == [.expo, .apns])
        #expect(deliveries.allSatisfy { $0.state == .queued && $0.userID == "u" && $0.priority == .normal && $0.nextAttemptAt == now })
        #expect(deliveries.first?.target.registeredAt == now - .seconds(60))
        #expect(notification.tally == Tally(targeted: 2))
        #expect(notification.error == nil)
    }

    @Test func `each token goes out with the credential of its app, unless the draft names one`() throws {
        let pro = LaneKey(orgID: "org", provider: .apns, credential: "pro")
        let intake = Intake(credentials: Directory(lanes: [.apns, pro]))
        let known = Intake.Known(
            tokens: ["org": ["u": [token("x", .apns, app: "com.example.pro"), token("y", .apns, app: "com.example.main"), token("z", .apns)]]])
        func lanes(_ draft: Draft) -> [LaneKey] { intake.plan([draft], known: known, now: now)[0].deliveries.map(\.lane) }
        #expect(lanes(draft(.user("u"))) == [pro, .apns, .apns])
        #expect(lanes(draft(.user("u"), credential: "main")) == [.apns, .apns, .apns])
        #expect(lanes(draft(.token("t", platform: .ios, app: "com.example.pro"), provider: .apns)) == [pro])
    }

    @Test func `a token whose app no credential serves fails and says which app and what to do`() throws {
        let (notification, deliveries) = try plan(draft(.token("t", platform: .ios, app: "com.example.lost"), provider: .apns))
        #expect(deliveries.map(\.state) == [.failed] && deliveries[0].reason == "no_credential")
        let error = try #require(notification.error)
        #expect(error.contains("is for the app com.example.lost") && error.contains("set one that names it"))
        // Where there is none at all, that is what is said.
        let none = try plan(draft(.token("t", platform: .android, app: "com.example.lost"), provider: .fcm)).0
        #expect(none.error == "The organisation org has no fcm credential; set one for it or for an organisation above it")
    }

    @Test func `a draft that names a provider reaches its tokens alone`() throws {
        let known = Intake.Known(tokens: ["org": ["u": [token("x", .expo), token("y", .apns)]]])
        #expect(try plan(draft(.user("u"), provider: .apns), known).1.map(\.target.address) == ["y"])
        let (notification, deliveries) = try plan(draft(.user("u"), provider: .fcm), known)
        #expect(deliveries.isEmpty)
        #expect(notification.error == "The user has no active device token for fcm")
    }

    @Test func `a user without a token gives a failed notification that says so`() throws {
        let (notification, deliveries) = try plan(draft(.user("nobody")))
        #expect(deliveries.isEmpty)
        #expect(notification.tally.status == .failed)
        #expect(notification.error == "The user has no active device token")
    }

    @Test func `a token whose provider has no credential fails in the log, the others go on`() throws {
        let known = Intake.Known(tokens: ["org": ["u": [token("x", .expo), token("z", .fcm)]]])
        let (notification, deliveries) = try plan(draft(.user("u")), known)
        #expect(deliveries.map(\.state) == [.queued, .failed])
        #expect(deliveries.last?.reason == "no_credential")
        #expect(deliveries.last?.settledAt == now)
        #expect(notification.tally == Tally(targeted: 2, failed: 1))
        #expect(notification.error?.contains("has no fcm credential") ?? false)
    }

    @Test func `an unknown credential is named in the error`() throws {
        let (notification, _) = try plan(draft(.email("a@example.org"), credential: "other"))
        #expect(notification.tally.status == .failed)
        #expect(notification.error?.contains("no smtp credential named other") ?? false)
    }

    private func letter(_ channels: Set<Channel>, provider: ProviderName? = nil, expiresAt: Timestamp? = nil) -> Draft {
        Draft(
            id: "notif_1", contract: .coordinatorNotifications, orgID: "org", recipient: .user("u"), channels: channels,
            content: Content(title: "t"), provider: provider, expiresAt: expiresAt)
    }

    @Test func `what goes to an inbox is delivered by being stored, and asks for no credential`() throws {
        let planned = try #require(Intake(credentials: Directory(lanes: [])).plan([letter([.inApp])], known: .init(), now: now).first)
        let delivery = try #require(planned.deliveries.first)
        #expect(planned.deliveries.count == 1)
        #expect(delivery.lane == LaneKey(orgID: "org", provider: .inApp, credential: "inbox"))
        #expect(delivery.lane.provider.channel == .inApp)
        #expect(delivery.state == .delivered && delivery.settledAt == now && delivery.attempts == 1 && delivery.userID == "u")
        #expect(planned.notification.tally == Tally(targeted: 1, reached: 1))
        #expect(planned.notification.tally.isSettled)
        #expect(planned.madeByCommit.map(\.delivery.id) == [delivery.id])
        #expect(planned.madeByCommit.map(\.outcome.rule) == ["in_app.stored"])
    }

    @Test func `in-app and push reach inbox and devices, and the inbox alone where there is no device`() throws {
        let known = Intake.Known(tokens: ["org": ["u": [token("x", .expo), token("y", .apns)]]])
        let (both, deliveries) = try plan(letter([.inApp, .push]), known)
        #expect(deliveries.map(\.lane.provider) == [.inApp, .expo, .apns])
        #expect(deliveries.map(\.state) == [.delivered, .queued, .queued])
        #expect(both.tally == Tally(targeted: 3, reached: 1))
        #expect(both.tally.status == .reached && !both.tally.isSettled)
        let (alone, inbox) = try plan(letter([.inApp, .push]))
        #expect(inbox.map(\.lane.provider) == [.inApp])
        #expect(alone.tally == Tally(targeted: 1, reached: 1) && alone.error == nil)
        #expect(try plan(letter([.push])).0.error == "The user has no active device token")
    }

    @Test func `a provider narrows the devices and not the inbox`() throws {
        let known = Intake.Known(tokens: ["org": ["u": [token("x", .expo), token("y", .apns)]]])
        #expect(try plan(letter([.inApp, .push], provider: .apns), known).1.map(\.lane.provider) == [.inApp, .apns])
        let (notification, deliveries) = try plan(letter([.inApp, .push], provider: .fcm), known)
        #expect(deliveries.map(\.lane.provider) == [.inApp] && notification.error == nil)
    }

    @Test func `an inbox is not filled with what has expired`() throws {
        let planned = try #require(intake.plan([letter([.inApp], expiresAt: now)], known: .init(), now: now).first)
        #expect(planned.deliveries.map(\.reason) == ["expired"])
        #expect(planned.notification.tally.status == .failed)
        #expect(planned.madeByCommit.isEmpty)
    }

    @Test func `tokens are looked up only of users who are to be pushed to`() {
        #expect(Intake.usersToLookUp([letter([.inApp])]).isEmpty)
        #expect(Intake.usersToLookUp([letter([.inApp, .push])]) == ["org": ["u"]])
    }

    @Test func `what has expired already is failed without an attempt`() throws {
        let (notification, deliveries) = try plan(draft(.email("a@example.org"), expiresAt: now))
        #expect(deliveries.map(\.reason) == ["expired"])
        #expect(notification.tally == Tally(targeted: 1, failed: 1))
        #expect(try plan(draft(.email("a@example.org"), expiresAt: now + .seconds(1))).1.map(\.state) == [.queued])
    }

    @Test func `a suppressed address is not written to`() throws {
        let known = Intake.Known(suppressed: ["org": ["dead@example.org"]])
        let (notification, deliveries) = try plan(draft(.email("dead@example.org")), known)
        #expect(deliveries.map(\.reason) == ["suppressed"])
        #expect(notification.tally.status == .failed)
        #expect(try plan(draft(.email("alive@example.org")), known).1.map(\.state) == [.queued])
    }

    @Test func `a bare token finds its provider by its form`() throws {
        #expect(try plan(draft(.token("ExponentPushToken[x]", platform: .ios))).1.map(\.lane) == [.expo])
        #expect(try plan(draft(.token(String(repeating: "ab", count: 32), platform: .ios))).1.map(\.lane) == [.apns])
    }

    @Test(
        arguments: [
            (.email("a@b.c"), .apns), (.email("a@b.c"), .inApp), (.token("x", platform: nil), .smtp), (.token("x", platform: nil), .inApp),
            (.user("u"), .smtp),
        ] as [(Draft.Recipient, ProviderName)])
    func `a provider that can't reach such a recipient is said so`(recipient: Draft.Recipient, provider: ProviderName) throws {
        let (notification, deliveries) = try plan(draft(recipient, provider: provider))
        #expect(deliveries.isEmpty)
        #expect(notification.error?.contains(provider.rawValue) ?? false)
        #expect(notification.error?.contains("reached by") ?? false)
    }

    @Test func `users and addresses of a call are looked up once each`() {
        let drafts = [draft(.user("b")), draft(.user("a")), draft(.user("b")), draft(.email("x@y.z")), draft(.token("t", platform: nil))]
        #expect(Intake.usersToLookUp(drafts) == ["org": ["a", "b"]])
        #expect(Intake.addressesToLookUp(drafts) == ["org": ["x@y.z"]])
    }
}
