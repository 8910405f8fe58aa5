import Domain

/// Providers take messages and never answer; the connection stays open, or is dead without a word.
struct SilentProvider: ChaoticFault {
    let seed: Int
    let fates: [JSON]

    init(_ random: inout SeededRandom) {
        seed = random.chaosSeed()
        fates = random.some().map { provider in
            // A stalled connection takes everything on it down; it need not happen often.
            let isDead = provider != .smtp && random.isOneIn(4)
            return Fate.fault(isDead ? "stall" : "never", provider, rate: isDead ? 0.01 : 0.1)
        }
    }
}

/// Connections are reset in the middle of a burst: whatever is under way on them loses its answer.
struct ConnectionResets: ChaoticFault {
    let seed: Int
    let fates: [JSON]

    init(_ random: inout SeededRandom) {
        seed = random.chaosSeed()
        fates = random.some().map { Fate.fault("reset", $0, rate: $0 == .smtp ? 0.2 : 0.02) }
    }
}

/// GOAWAY in its three kinds: after an answer, with a last stream that leaves this one out, and with none at all.
struct GoAway: ChaoticFault {
    let seed: Int
    let fates: [JSON]

    init(_ random: inout SeededRandom) {
        seed = random.chaosSeed()
        fates = random.some(of: Cast.pushers).map { provider in
            let kind = ["goaway_after", "goaway", "goaway_zero"][Int.random(in: 0..<3, using: &random)]
            return Fate.fault(kind, provider, rate: 0.03)
        }
    }
}

/// Single streams are refused, which is safe to send again, or broken off, which is not known to be.
struct RefusedStreams: ChaoticFault {
    let seed: Int
    let fates: [JSON]

    init(_ random: inout SeededRandom) {
        seed = random.chaosSeed()
        fates = random.some(of: Cast.pushers).map { provider in
            let kind = ["refused_stream", "refused_stream", "reset_stream", "cancel_stream"][Int.random(in: 0..<4, using: &random)]
            return Fate.fault(kind, provider, rate: random.rate())
        }
    }
}

/// Providers take messages and close the connection before the answer, or half way through it.
struct LostAnswers: ChaoticFault {
    let seed: Int
    let fates: [JSON]

    init(_ random: inout SeededRandom) {
        seed = random.chaosSeed()
        fates = random.some().map { provider in
            let isHalf = provider != .smtp && Bool.random(using: &random)
            return Fate.fault(isHalf ? "close_mid_response" : "close_after_body", provider, rate: provider == .smtp ? 0.2 : 0.03)
        }
    }
}
