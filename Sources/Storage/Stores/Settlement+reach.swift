import Domain

/// The end of nearly every message: its notification's only target is reached, and nothing else has been said of it.
extension Settlement {
    /// Found by its place, needs no rule, and counts for itself (`isReachOfOnly`).
    private static let reachOnly = StatementByDialect { dialect in
        """
        \(dialect.updatingWithTriggers) notifications SET reached = 1, status = 'reached'
        WHERE sort_key = ? AND id = ? AND status = 'queued' AND targeted = 1
        """
    }

    /// True of what `writeReachOfOnly` does to a row, and no other statement.
    static func isReachOfOnly(_ old: String, _ new: String) -> String {
        "\(old).status = 'queued' AND \(new).status = 'reached' AND \(new).targeted = 1"
    }

    /// To be called where the delivery's target was reached.
    ///
    /// - Returns: false where the notification has more targets or has come to something else before, and nothing was written.
    func writeReachOfOnly(_ connection: any SQLConnection, _ changes: inout ListChanges) throws -> Bool {
        guard let place = try message.place ?? NotificationPlace.find(message.delivery.notificationID, connection),
            try connection.run(Self.reachOnly[connection.dialect], [.integer(place.key), .text(message.delivery.notificationID)]) == 1
        else { return false }
        changes.reached(message.delivery, at: place)
        return true
    }
}
