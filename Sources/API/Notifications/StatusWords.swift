import Domain
import Storage

/// A contract's words for what has become of a notification.
struct StatusWords: Sendable {
    let queued: String
    let reached: String
    let failed: String
    let cancelled: String
    /// What PUT may set beside them.
    let stated: [String]

    func word(for notification: Notification) -> String { notification.statedStatus ?? word(notification.tally.status) }

    func word(_ status: FoldedStatus) -> String {
        switch status {
        case .queued: queued
        case .reached: reached
        case .failed: failed
        case .cancelled: cancelled
        }
    }

    /// Reads the filter `status`, which takes every word that a list can show.
    func filter(_ query: inout QueryReader) -> NotificationFilter.Status? {
        guard let text = query.value("status") else { return nil }
        if let folded = FoldedStatus.allCases.first(where: { word($0) == text }) { return .folded(folded) }
        if stated.contains(text) { return .stated(text) }
        query.fault("status", "must be one of \((FoldedStatus.allCases.map(word) + stated).joined(separator: ", "))")
        return nil
    }

    /// Reads the member `status` of a PUT: what has happened is the gateway's to say, so a caller may only state the rest.
    func statement(_ reader: inout FieldReader) -> String? {
        guard let text = reader.text("status", .id) else { return nil }
        if stated.contains(text) { return text }
        reader.fault("status", "must be \(stated.joined(separator: " or "))")
        return nil
    }
}
