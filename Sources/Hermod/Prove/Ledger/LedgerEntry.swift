/// One notification, as small as can be: a run has a hundred thousand of them, and more on request.
struct LedgerEntry: Sendable {
    enum Standing: UInt8, Sendable {
        case unsent
        /// Posted, and no answer came: nobody has promised anything.
        case unanswered
        case accepted
        case refused
    }

    var standing = Standing.unsent
    /// How often the mock took it.
    var arrivals: UInt8 = 0
    /// How often the mock refused it.
    var refusals: UInt8 = 0
    /// The newest refusal's reason, by its number.
    var reason: UInt8 = 0
    /// The plan has its device or mailbox gone.
    var isDead = false
    /// The mock took it for somebody else.
    var isMisdirected = false
    /// Its call had to be made more than once.
    var isRepeated = false
    var episode: UInt16 = 0
    /// Milliseconds since the run began, as all times here.
    var postedAt: UInt32 = 0
    /// It met a fault: its call was made again, the provider refused it, or its answer was lost.
    var isDisturbed: Bool { isRepeated || (refusals > 0 && !isDead) || first.isAnswerLost || standing == .unanswered || standing == .refused }

    /// The mark of the device or mailbox that it is for.
    var target: UInt32 = 0
    /// By the gateway's clock; 0 without one.
    var deadline: UInt32 = 0
    /// The first time that the mock took it; means something when `arrivals` is not 0.
    var first = Sighting()
    /// The notification's, as the gateway has told.
    var id = NotificationID()
}

/// An arrival that the mock accepted, in as much as tells repetitions apart.
struct Sighting: Sendable, Hashable {
    var at: UInt32 = 0
    var connection: UInt32 = 0
    /// Of the provider's id, where it has one that a repetition would share; 0 where it has none.
    var identity: UInt32 = 0
    var isAnswerLost = false

    init() {}

    init(_ arrival: Arrival) {
        at = arrival.at
        connection = arrival.connection
        identity = Self.mark(of: arrival.identity)
        isAnswerLost = arrival.isAnswerLost
    }

    /// A text's mark; 0 for none. The same in every run, other than Swift's own hash (FNV-1a).
    static func mark(of text: String?) -> UInt32 {
        guard let text else { return 0 }
        var mark: UInt32 = 2_166_136_261
        for byte in text.utf8 { mark = (mark ^ UInt32(byte)) &* 16_777_619 }
        return max(mark, 1)
    }
}
