import Domain

/// When a provider token is made anew: at most once in 20 minutes, at least once in 60 (Apple, "Establishing a token-based connection to APNs").
struct ProviderTokenSchedule: Sendable, Hashable {
    /// Early enough that neither a slow request nor a clock that is some minutes off costs a delivery.
    static let refreshAge = Duration.seconds(48 * 60)
    static let minimumAge = Duration.seconds(20 * 60)

    private var issued: Issue?
    private var isRefused = false

    private struct Issue: Sendable, Hashable {
        var serial: Int
        var at: Timestamp
        /// Made because APNs had called its predecessor expired.
        var wasForced: Bool
    }

    /// Number of the current token; 0 before the first.
    var serial: Int { issued?.serial ?? 0 }

    func needsToken(now: Timestamp) -> Bool {
        guard let issued, !isRefused else { return true }
        // Made in what is now the future: the clock has been set back, and APNs would refuse such a token for as long.
        return now < issued.at || now - issued.at >= Self.refreshAge
    }

    /// A token is about to be made; returns its number.
    mutating func issue(now: Timestamp) -> Int {
        let next = Issue(serial: serial + 1, at: now, wasForced: isRefused)
        issued = next
        isRefused = false
        return next.serial
    }

    enum Reaction: Sendable, Hashable {
        /// Another token is there, or will be made for the next request.
        case tryAgain
        /// The token was itself made for that reason a moment ago: another one won't help, the clock or the key is wrong.
        case giveUp
    }

    /// APNs called the token of that number expired. Allows one new token, whatever the age of the old one, and then none for 20 minutes.
    mutating func expired(_ serial: Int, now: Timestamp) -> Reaction {
        guard let issued, issued.serial == serial, !isRefused else { return .tryAgain }
        if issued.wasForced, now >= issued.at, now - issued.at < Self.minimumAge { return .giveUp }
        isRefused = true
        return .tryAgain
    }
}
