import Domain

extension Timestamp {
    /// `Fri, 21 Nov 2025 09:55:06 +0000` (RFC 5322 section 3.3).
    var mailDate: String {
        let text = rfc3339Seconds
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        // 1 January 1970 was a Thursday.
        let day = Int((seconds - (seconds % 86_400 + 86_400) % 86_400) / 86_400)
        let year = text.prefix(4)
        let month = months[(Int(text.dropFirst(5).prefix(2)) ?? 1) - 1]
        let date = Int(text.dropFirst(8).prefix(2)) ?? 1
        return "\(days[(day % 7 + 7) % 7]), \(date) \(month) \(year) \(text.dropFirst(11).prefix(8)) +0000"
    }
}
