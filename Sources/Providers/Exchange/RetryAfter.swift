import Domain

/// Reads `Retry-After` (RFC 9110 section 10.2.3): seconds or an HTTP date.
enum RetryAfter {
    /// Nobody gains from less than a second, and no provider may park a delivery for longer than an hour by one header.
    static let bounds = Duration.seconds(1)...Duration.seconds(3600)

    /// The wait, within the bounds; nil for what is neither, negative numbers included.
    static func parse(_ value: String, now: Timestamp) -> Duration? {
        let text = value.drop { $0 == " " || $0 == "\t" }
        guard let first = text.utf8.first else { return nil }
        if (48...57).contains(first) { return seconds(text) }
        return httpDate(text).map { clamp($0 - now) }
    }

    private static func seconds(_ text: Substring) -> Duration? {
        var seconds: Int64 = 0
        for byte in text.utf8 {
            guard (48...57).contains(byte) else {
                // Some gateways write fractions; the header knows none, the whole seconds are meant.
                guard byte == UInt8(ascii: ".") || byte == UInt8(ascii: " ") else { return nil }
                break
            }
            seconds = min(seconds * 10 + Int64(byte - 48), 86_400)
        }
        return clamp(.seconds(seconds))
    }

    private static func clamp(_ wait: Duration) -> Duration {
        min(max(wait, bounds.lowerBound), bounds.upperBound)
    }

    /// The three forms of RFC 9110 section 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`.
    static func httpDate(_ text: Substring) -> Timestamp? {
        let parts = text.split { $0 == " " || $0 == "," || $0 == "-" }
        guard parts.count >= 5 else { return nil }
        if parts.count >= 6, parts[5] == "GMT" {
            return timestamp(year: parts[3], month: parts[2], day: parts[1], time: parts[4])
        }
        return parts.count == 5 ? timestamp(year: parts[4], month: parts[1], day: parts[2], time: parts[3]) : nil
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func timestamp(year: Substring, month: Substring, day: Substring, time: Substring) -> Timestamp? {
        guard let month = months.firstIndex(of: String(month)), var year = Int(year), let day = Int(day), (1...31).contains(day) else { return nil }
        // Two digits, in the obsolete form only: nothing in a Retry-After is about the last century.
        if year < 100 { year += 2000 }
        guard (1970...9999).contains(year) else { return nil }
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return Timestamp(rfc3339: "\(year)-\(two(month + 1))-\(two(day))T\(time)Z")
    }
}
