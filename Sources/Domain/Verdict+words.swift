extension Verdict.Kind {
    /// What it means for the delivery, in a sentence: the one table that every page and command speaks from.
    public var meaning: String {
        switch self {
        case .accepted: "The provider has taken responsibility for the message."
        case .awaitingReceipt: "Expo has stored the message; its receipt will tell whether it went on to the device's own service."
        case .deferred: "The message was not taken, and may be taken later."
        case .refreshed: "The provider threw away its token or connection; the next attempt goes out at once with a fresh one."
        case .otherVersion: "One version of the credential is refused; the next attempt goes out at once with the other."
        case .rejected: "This message will never be taken; the target stays good."
        case .misbuilt: "The request itself is at fault; the target stays good, and somebody should look."
        case .recipientGone: "The device or mailbox is gone; it is not written to again until it is registered anew."
        case .credentialRefused:
            "The credential or the app's configuration is refused: its lane is paused, and the delivery waits until that is mended."
        case .split: "The request was bad as a batch, and nothing in it was taken; the next attempt goes out at once in a smaller one."
        case .unknown: "It can't be known whether the message was taken."
        }
    }

    public init?(word: String) {
        guard let kind = Self.allCases.first(where: { $0.word == word }) else { return nil }
        self = kind
    }
}
