import Domain

/// An operation on many deliveries, call by call: each is over within seconds, and the next goes on where it ended.
struct ManyRun {
    let client: RESTClient
    let operation: String
    let done: String
    let request: JSONObject

    /// Deliveries of one call. Looking is quicker than doing.
    private static func limit(isDry: Bool) -> Int { isDry ? 100_000 : 10_000 }

    func run(isDry: Bool) async throws(StartFault) -> ManyTotal {
        var total = ManyTotal()
        var cursor: String?
        repeat {
            var request = request
            request["limit"] = .integer(Self.limit(isDry: isDry))
            if isDry { request["dry_run"] = true }
            if let cursor { request["cursor"] = .string(cursor) }
            do {
                total.add(try await client.post("/api/v1/deliveries/\(operation)", .object(request)))
            } catch {
                guard total.changed > 0 else { throw error }
                throw StartFault(
                    "\(error.message); \(ImportProgress.grouped(total.changed)) were \(done) before that",
                    remedy: error.remedy ?? "run it again, it goes on with the rest")
            }
            cursor = total.cursor
            if cursor != nil, !isDry { StandardStream.error.line("\(ImportProgress.grouped(total.changed)) \(done) …") }
        } while cursor != nil
        return total
    }
}

/// What all calls came to together.
struct ManyTotal {
    private(set) var matched = 0
    private(set) var eligible = 0
    private(set) var changed = 0
    private(set) var cursor: String?
    private var skipped: [String: Int] = [:]
    private var groups: [String: (words: JSONObject, count: Int)] = [:]
    private var sample: [JSON] = []

    mutating func add(_ answer: JSON) {
        func count(_ json: JSON?, _ key: String) -> Int { Int(json?[key]?.integer ?? 0) }
        matched += count(answer, "matched")
        eligible += count(answer, "eligible")
        changed += count(answer, "changed")
        for item in answer["skipped"]?.array ?? [] { skipped[item["why"]?.string ?? "-", default: 0] += count(item, "count") }
        for item in answer["groups"]?.array ?? [] {
            var words = item.object ?? [:]
            words["count"] = nil
            let known = groups[JSON.object(words).text]?.count ?? 0
            groups[JSON.object(words).text] = (words, known + count(item, "count"))
        }
        if sample.isEmpty { sample = answer["sample"]?.array ?? [] }
        cursor = answer["cursor"]?.string
    }

    private var sortedGroups: [(words: JSONObject, count: Int)] {
        groups.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.map(\.value)
    }

    var json: JSON {
        [
            "matched": .integer(matched), "eligible": .integer(eligible), "changed": .integer(changed),
            "skipped": .array(skipped.sorted { $0.key < $1.key }.map { ["why": .string($0.key), "count": .integer($0.value)] }),
            "groups": .array(
                sortedGroups.map { group in
                    var words = group.words
                    words["count"] = .integer(group.count)
                    return .object(words)
                }), "sample": .array(sample),
        ]
    }

    func text(done: String, isDry: Bool) -> String {
        guard matched > 0 else { return "nothing matches" }
        var lines: [String] = []
        if isDry {
            var table = TextTable(columns: ["COUNT", "STATE", "PROVIDER", "REASON"])
            for group in sortedGroups {
                table.rows.append([
                    ImportProgress.grouped(group.count), group.words["state"]?.string ?? "-", group.words["provider"]?.string ?? "-",
                    group.words["reason"]?.string ?? "-",
                ])
            }
            lines += [table.text, ""]
            if !sample.isEmpty { lines += ["for example:", DeliveriesListCommand.table(sample), ""] }
        }
        let number = isDry ? eligible : changed
        lines.append("\(ImportProgress.grouped(number)) of \(ImportProgress.grouped(matched)) \(isDry ? "would be \(done)" : "\(done)")")
        for (why, count) in skipped.sorted(by: { $0.key < $1.key }) {
            lines.append("  \(ImportProgress.grouped(count)) left as they are: \(Self.words[why] ?? why)")
        }
        return lines.joined(separator: "\n")
    }

    private static let words = [
        "expired": "their deadline has passed; send new ones", "suppressed": "their address is on the suppression list",
        "no_credential": "no credential serves them; set one first", "changed_meanwhile": "they changed at the same moment",
    ]
}
