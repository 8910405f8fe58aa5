/// What will be sent and what will go wrong when: a pure value, made from the seed and nothing else.
struct ProvePlan: Sendable, Hashable {
    /// A part of the load, and the fault that befalls the gateway while it is sent.
    struct Episode: Sendable, Hashable {
        /// Nil while nothing goes wrong.
        var fault: FaultName?
        var notifications: Int
        /// So many of the part go ahead; the rest comes while the fault holds.
        var lead: Int
        /// Between the last of these and the fault, which ends after `hold`.
        var pause: Duration
        var hold: Duration
        /// What the fault decides by itself, it decides by this.
        var salt: UInt64
    }

    enum Pace: Sendable, Hashable {
        /// Within two minutes, on a machine that is busy.
        case quick
        case full

        /// How long a fault holds.
        var hold: ClosedRange<Int> {
            switch self {
            case .quick: 400...900
            case .full: 1_000...5_000
            }
        }

        /// When no further fault is begun, so that the run ends in time on a machine that is very busy.
        var time: Duration? {
            switch self {
            case .quick: .seconds(85)
            case .full: nil
            }
        }

        /// Notifications of one episode, where there are enough of them.
        var share: Int {
            switch self {
            case .quick: 200
            case .full: 1_000
            }
        }
    }

    let seed: UInt64
    let notifications: Int
    let pace: Pace
    let episodes: [Episode]

    init(seed: UInt64, notifications: Int, faults: [FaultName], pace: Pace) {
        self.seed = seed
        self.notifications = notifications
        self.pace = pace
        var random = SeededRandom(seed: seed)
        let sequence = Self.sequence(faults, notifications: notifications, pace: pace, &random)
        var left = notifications
        episodes = sequence.enumerated().map { index, fault in
            let share = left / (sequence.count - index)
            left -= share
            return Episode(
                fault: fault, notifications: share, lead: share > 1 ? Int.random(in: 0..<(share / 3 + 1), using: &random) : 0,
                pause: random.milliseconds(in: 0...200), hold: random.milliseconds(in: pace.hold), salt: random.next())
        }
    }

    /// Each fault once in a round, every round in another order; calm at the beginning and between the rounds.
    private static func sequence(_ faults: [FaultName], notifications: Int, pace: Pace, _ random: inout SeededRandom) -> [FaultName?] {
        let rounds = max(1, notifications / (pace.share * (faults.count + 1)))
        var sequence: [FaultName?] = []
        for _ in 0..<rounds {
            sequence.append(nil)
            sequence += faults.shuffled(using: &random)
        }
        return sequence
    }
}
