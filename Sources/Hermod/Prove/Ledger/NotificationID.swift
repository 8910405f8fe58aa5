import Domain

/// A notification's id of whatever contract, in 17 bytes instead of a text.
struct NotificationID: Sendable, Hashable {
    private static let prefixes = ["msg_", "notif_", "notif-"]

    private var prefix: UInt8 = 0
    private var identifier = Identifier.lowest

    /// Of a notification that has none yet.
    init() {}

    init?(_ text: String) {
        for (index, prefix) in Self.prefixes.enumerated() {
            guard let identifier = Identifier(text: text, prefix: prefix) else { continue }
            self.prefix = UInt8(index)
            self.identifier = identifier
            return
        }
        return nil
    }

    var text: String { identifier.text(prefix: Self.prefixes[Int(prefix)]) }
}
