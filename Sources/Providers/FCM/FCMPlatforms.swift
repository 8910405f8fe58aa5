import Domain

/// Which platforms behind one Firebase project take messages, and which are refused because the project's own key for them is.
///
/// A project whose APNs key is missing answers every iPhone with the same refusal while its Android devices are well. As long as nothing else is known
/// to work, that is the credential's fault and pauses the lane; where another platform works, the refused one waits alone and is asked now and then.
struct FCMPlatforms: Sendable, Hashable {
    /// So long no message is sent to a platform that was refused while others work.
    static let pause = Duration.seconds(5 * 60)

    private var working: Set<Platform?> = []
    private var refusedAt: [Platform: Timestamp] = [:]

    mutating func accepted(_ platform: Platform?) {
        working.insert(platform)
        if let platform { refusedAt[platform] = nil }
    }

    mutating func refused(_ platform: Platform?, now: Timestamp) {
        working.remove(platform)
        if let platform { refusedAt[platform] = now }
    }

    /// True when something beside that platform has taken messages since it was last refused.
    func othersWork(beside platform: Platform?) -> Bool {
        working.contains { $0 != platform }
    }

    /// True while messages to that platform are not worth a request.
    func isPaused(_ platform: Platform?, now: Timestamp) -> Bool {
        guard let platform, let at = refusedAt[platform], othersWork(beside: platform) else { return false }
        return now >= at && now - at < Self.pause
    }
}
