import HTTPTypes

/// What a caller asks for about waiting: `Prefer: wait=N` and `respond-async` (RFC 7240).
struct Preference: Sendable, Hashable {
    /// How long the request waits for its deliveries.
    let wait: Duration
    /// For `Preference-Applied`; nil when nothing was asked for that could be honoured.
    let applied: String?

    private init(wait: Duration, applied: String?) {
        self.wait = wait
        self.applied = applied
    }

    /// For a call that has nothing to wait for.
    var withoutWaiting: Preference { Preference(wait: .zero, applied: applied == "respond-async" ? applied : nil) }

    /// - Parameter limit: how long a request waits when nothing is asked for, and at most.
    init(_ fields: HTTPFields, limit: Duration) {
        var seconds: Int64?
        var isAsync = false
        for preference in fields[values: .prefer].flatMap({ $0.split(separator: ",") }) {
            let word = preference.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
            if word == "respond-async" {
                isAsync = true
            } else if word.hasPrefix("wait="), seconds == nil {
                let text = word.dropFirst(5).trimmingQuotes
                // The first of several counts (RFC 7240 section 2); what can't be understood is ignored.
                if !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) { seconds = Int64(text) }
            }
        }
        if let seconds, seconds < 1_000_000, .seconds(seconds) <= limit {
            // Both together mean: go asynchronous after N seconds (RFC 7240 section 4.3).
            wait = .seconds(seconds)
            applied = isAsync ? "respond-async, wait=\(seconds)" : "wait=\(seconds)"
        } else if isAsync {
            wait = seconds == nil ? .zero : limit
            applied = "respond-async"
        } else {
            wait = limit
            applied = nil
        }
    }
}

extension Substring {
    fileprivate var trimmingQuotes: Substring {
        count >= 2 && first == "\"" && last == "\"" ? dropFirst().dropLast() : self
    }
}
