import Domain

extension Target {
    /// Last use is kept to the minute: a burst to one device costs one write of its row.
    private static let usedPrecision: Duration = .seconds(60)

    /// Remembers when the device was last reached; nothing for a target that is not in the registry.
    func markUsed(orgID: String, at now: Timestamp, _ connection: any SQLConnection) throws {
        guard registeredAt != nil else { return }
        // The database would say the same, for a look-up.
        if let usedAt, usedAt > now - Self.usedPrecision { return }
        try connection.run(
            "UPDATE device_tokens SET last_used_at = ? WHERE org_id = ? AND token = ? AND (last_used_at IS NULL OR last_used_at <= ?)",
            [SQLValue(now), .text(orgID), .text(address), SQLValue(now - Self.usedPrecision)])
    }
}

extension Delivery {
    /// Where the provider has no word for it.
    static let unnamedDeath = "recipient_gone"

    /// The provider says that the target is gone: a mail address is suppressed, a token invalidated unless it was registered again since.
    ///
    /// - Parameter asOf: the moment that the provider names; without it the registration that we sent to is the one that dies.
    func markGone(asOf: Timestamp?, reason: String?, at now: Timestamp, _ connection: any SQLConnection) throws {
        let reason = reason ?? Self.unnamedDeath
        if lane.provider == .smtp {
            try connection.run(
                "INSERT INTO suppressions (org_id, address, reason, since) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [.text(orgID), .text(SuppressionStore.normalised(target.address)), .text(reason), SQLValue(now)])
            return
        }
        // A bare token's registration is unknown to us, and without a moment from the provider there is nothing to compare with.
        guard let latest = asOf ?? target.registeredAt else { return }
        try connection.run(
            """
            UPDATE device_tokens SET invalidated_at = ?, invalidation_reason = ?
            WHERE org_id = ? AND token = ? AND invalidated_at IS NULL AND registered_at <= ?
            """, [SQLValue(now), .text(reason), .text(orgID), .text(target.address), SQLValue(latest)])
    }
}
