import Domain

/// The creation times that a list is narrowed to, put in terms of the sort key, which is in every index where the time itself is not.
///
/// A key is never smaller than its row's time, and larger only by as much as it was counted up: by `ahead` at most. So the key alone decides
/// everywhere but within `ahead` after either end; there the row is asked.
struct NotificationSpan {
    var from: Timestamp?
    var to: Timestamp?
    var ahead: Duration

    struct Part {
        /// What a row of this part adds to the count.
        var sign = 1
        var condition: String
        var arguments: [SQLValue]
    }

    /// The keys within the span.
    var keys: Range<Int64> {
        let lower = max(from?.microseconds ?? 0, 0)
        return lower..<max(to?.microseconds ?? .max, lower)
    }

    /// All keys that a row of the span may have.
    var searched: Range<Int64> {
        guard let to else { return keys }
        return keys.lowerBound..<max(reach(to), keys.lowerBound)
    }

    /// The keys that only rows of the span have.
    var certain: Range<Int64> {
        guard let from else { return keys }
        return min(reach(from), keys.upperBound)..<keys.upperBound
    }

    /// Of rows with `searched` keys, those that were created within the span.
    var created: (sql: String, arguments: [SQLValue]) {
        var sql = "1 = 1"
        var arguments: [SQLValue] = []
        if let from {
            sql += " AND created_at >= ?"
            arguments.append(SQLValue(from))
        }
        if let to {
            sql += " AND created_at < ?"
            arguments.append(SQLValue(to))
        }
        return (sql, arguments)
    }

    /// What makes the count of rows whose keys are within the span the count of rows that were created within it: those that were counted up over its
    /// ends.
    var corrections: [Part] {
        guard ahead > .zero else { return [] }
        return [from.map { crossing($0, below: to, sign: -1) }, to.map { crossing($0, below: nil, sign: 1) }].compactMap(\.self)
    }

    /// The first key that no row created before `end` has.
    private func reach(_ end: Timestamp) -> Int64 { (end + ahead).microseconds }

    /// Rows created before `end` whose key is not.
    private func crossing(_ end: Timestamp, below: Timestamp?, sign: Int) -> Part {
        var part = Part(
            sign: sign, condition: "sort_key >= ? AND sort_key < ? AND created_at < ?",
            arguments: [SQLValue(end), SQLValue(end + ahead), SQLValue(end)])
        if sign < 0, let below {
            part.condition += " AND sort_key < ?"
            part.arguments.append(SQLValue(below))
        } else if let from, sign > 0 {
            part.condition += " AND created_at >= ?"
            part.arguments.append(SQLValue(from))
        }
        return part
    }
}
