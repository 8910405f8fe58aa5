import Domain

/// The creation times that a list is narrowed to, put in terms of the sort key, which is in every index where the time itself is not.
///
/// A key is never smaller than its row's time, and larger only by as much as it was counted up: by less than `drift`. So the key alone decides
/// everywhere but within `drift` after either end; there the row is asked.
struct NotificationSpan {
    var from: Timestamp?
    var to: Timestamp?

    static let drift: Duration = .seconds(2)

    struct Part {
        /// What a row of this part adds to the count.
        var sign = 1
        var condition: String
        var arguments: [SQLValue]
    }

    /// For a search that reads few rows: bounded by the key, decided by the time.
    var searchingPart: Part {
        var part = Part(condition: "sort_key > 0", arguments: [])
        if let from {
            part.condition += " AND sort_key >= ? AND created_at >= ?"
            part.arguments += [SQLValue(from), SQLValue(from)]
        }
        if let to {
            part.condition += " AND sort_key < ? AND created_at < ?"
            part.arguments += [SQLValue(to + Self.drift), SQLValue(to)]
        }
        return part
    }

    /// For counts: all keys within the span, which no row has to be read for, and the rows that were counted up over its ends.
    var countingParts: [Part] {
        var all = Part(condition: "sort_key > 0", arguments: [])
        var parts: [Part] = []
        if let from {
            all.condition += " AND sort_key >= ?"
            all.arguments.append(SQLValue(from))
            parts.append(crossing(from, below: to, sign: -1))
        }
        if let to {
            all.condition += " AND sort_key < ?"
            all.arguments.append(SQLValue(to))
            parts.append(crossing(to, below: nil, sign: 1))
        }
        return [all] + parts
    }

    /// Rows created before `end` whose key is not.
    private func crossing(_ end: Timestamp, below: Timestamp?, sign: Int) -> Part {
        var part = Part(
            sign: sign, condition: "sort_key >= ? AND sort_key < ? AND created_at < ?",
            arguments: [SQLValue(end), SQLValue(end + Self.drift), SQLValue(end)])
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
