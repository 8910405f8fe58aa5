import Domain

/// One call at the gateway's REST interface: what a backend service wants sent.
struct Order: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// `POST /api/v1/deliveries` to a target that the caller knows.
        case direct(ProviderName, isDead: Bool)
        /// `POST /api/v1/notifications/batch` of push-dispatcher to users.
        case batch(firstUser: Int)
        /// `POST /api/v1/push-notifications` of push-service to one user.
        case service(user: Int)
    }

    /// What a caller does about a call that was not answered.
    enum Temper: Sendable, Hashable {
        /// Sends it again under the same Idempotency-Key until it is answered.
        case insists
        /// Has no key, and so can't know: what becomes of the notification is nobody's promise.
        case shrugs
    }

    var org: String
    var kind: Kind
    var temper: Temper
    /// The first notification's number; a batch has the following ones too.
    var first: Int
    var count: Int
    /// How long after the call the notification is worth nothing any more.
    var lifetime: Duration?
    /// Whether the call waits for the outcome.
    var waits: Bool

    var numbers: Range<Int> { first..<(first + count) }

    /// Whom one of its notifications is for; nil where that is a bare target.
    func user(of number: Int) -> Cast.User? {
        switch kind {
        case .direct: nil
        case .batch(let firstUser): Cast.user((firstUser + number - first) % Cast.usersOfAnOrg, of: org)
        case .service(let user): Cast.user(user, of: org)
        }
    }

    /// The device or mailbox that one of its notifications has to reach.
    func target(of number: Int) -> String {
        if case .direct(let provider, let isDead) = kind { return Cast.target(of: number, provider, isDead: isDead) }
        return user(of: number)?.token ?? ""
    }
}

/// The orders of a run, one after the other, as the seed has them.
struct OrderBook: Sendable {
    static let largestBatch = 40
    private var random: SeededRandom
    private(set) var next = 0

    init(seed: UInt64) {
        random = SeededRandom(seed: seed ^ 0x0F0F_F0F0_0F0F_F0F0)
    }

    /// - Parameter limit: no notification has this number or a greater one. Has to be greater than `next`.
    mutating func draw(below limit: Int) -> Order {
        let org = Cast.orgs[Int.random(in: 0..<Cast.orgs.count, using: &random)]
        let user = Int.random(in: 0..<Cast.usersOfAnOrg, using: &random)
        let kind: Order.Kind
        var count = 1
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<25: kind = .direct(.apns, isDead: random.isOneIn(50))
        case 25..<45: kind = .direct(.fcm, isDead: random.isOneIn(50))
        case 45..<60: kind = .direct(.expo, isDead: random.isOneIn(50))
        case 60..<80: kind = .direct(.smtp, isDead: random.isOneIn(50))
        case 80..<92: kind = .service(user: user)
        default:
            kind = .batch(firstUser: user)
            count = min(Int.random(in: 5...Self.largestBatch, using: &random), limit - next)
        }
        let temper: Order.Temper = random.isOneIn(5) ? .shrugs : .insists
        let lifetime: Duration? =
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<3: .seconds(Int.random(in: 1...5, using: &random))
            case 3..<10: .seconds(48 * 3_600)
            default: nil
            }
        let order = Order(
            org: org, kind: kind, temper: temper, first: next, count: count, lifetime: lifetime, waits: random.isOneIn(10))
        next += count
        return order
    }
}
