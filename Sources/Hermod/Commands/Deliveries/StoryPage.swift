import Domain

/// A delivery's story as a page for a terminal: the sentence and the remedy first, for whoever reads no further.
struct StoryPage {
    private let story: JSON

    init(_ story: JSON) {
        self.story = story
    }

    var text: String {
        var lines = ["\(text("id")): \(text("state")), to \(text("target")) through \(text("provider"))", "", text("summary")]
        if let remedy = story["remedy"]?.string { lines.append("What to do: \(remedy)") }
        lines.append("")
        for event in story["timeline"]?.array ?? [] { lines += entry(event) }
        if let lane = story["lane"] { lines += ["", Self.describe(lane)] }
        return lines.joined(separator: "\n")
    }

    private func text(_ key: String) -> String { story[key]?.string ?? "-" }

    /// The first line has the time and the event; what there is more to say stands below.
    private func entry(_ event: JSON) -> [String] {
        let at = event["at"]?.string ?? "now"
        let name = (event["event"]?.string ?? "-").replacing("_", with: " ") + (event["number"]?.integer.map { " \($0)" } ?? "")
        let time = at + String(repeating: " ", count: max(Self.timeWidth - at.count, 0))
        let indent = String(repeating: " ", count: Self.timeWidth + 2)
        var rest = details(event)
        let first = Self.headline(event) ?? (rest.isEmpty ? nil : rest.removeFirst())
        return ["\(time)  \(name)" + (first.map { ": \($0)" } ?? "")] + rest.map { "\(indent)\($0)" }
    }

    private static let timeWidth = "2026-03-26T08:00:00Z".count

    private static func headline(_ event: JSON) -> String? {
        guard let outcome = event["outcome"]?.string else { return nil }
        let answer = [event["status"]?.integer.map(String.init), event["reason"]?.string].compactMap(\.self).joined(separator: " ")
        return outcome.replacing("_", with: " ") + (answer.isEmpty ? "" : " (\(answer))")
    }

    private func details(_ event: JSON) -> [String] {
        var lines: [String] = []
        if let waited = event["waited_ms"]?.integer, let took = event["duration_ms"]?.integer {
            let cause = event["waited_for"]?.string.map { ", after \(Self.words($0))" } ?? ""
            lines.append("waited \(Self.duration(waited)) for its turn\(cause); took \(Self.duration(took))")
        }
        if let rule = event["rule"]?.string { lines.append(rule + (event["rule_says"]?.string.map { ": \($0)" } ?? "")) }
        if let meaning = event["meaning"]?.string { lines.append(meaning) }
        if let contract = event["contract"]?.string, let detail = event["detail"]?.string {
            lines.append("\(detail) (\(contract))")
        } else if let detail = event["detail"]?.string {
            lines.append(event["outcome"] == nil ? detail : "the provider's words: \(detail)")
        }
        if let actor = event["actor"]?.string { lines.append("by \(actor)") }
        if let next = event["next_attempt_at"]?.string {
            lines.append("next attempt at \(next)" + (event["next_reason"]?.string.map { " (\(Self.words($0)))" } ?? ""))
        } else if event["next_reason"]?.string == "at_once" {
            lines.append("next attempt at once")
        }
        return lines
    }

    private static func words(_ cause: String) -> String { cause.replacing("_", with: " ") }

    private static func duration(_ milliseconds: Int64) -> String {
        switch milliseconds {
        case ..<10_000: "\(milliseconds) ms"
        case ..<600_000: "\(milliseconds / 1_000) s"
        case ..<36_000_000: "\(milliseconds / 60_000) min"
        default: "\(milliseconds / 3_600_000) h"
        }
    }

    private static func describe(_ lane: JSON) -> String {
        func text(_ key: String) -> String { lane[key]?.string ?? "-" }
        let why = lane["reason"]?.string.map { ": \($0)" } ?? ""
        let until = lane["until"]?.string.map { ", tries again at \($0)" } ?? ""
        let name = "\(text("org_id"))/\(text("provider"))/\(text("credential"))"
        return "lane \(name): \(text("state").replacing("_", with: " "))\(why)\(until)\(pace(lane))"
    }

    /// A lane that sends as many as it may, or grows towards that, needs no word.
    private static func pace(_ lane: JSON) -> String {
        guard let quota = lane["quota"], let reason = quota["reason"]?.string else { return "" }
        return "; slowed down to \(quota["rate"]?.integer ?? 0) of \(quota["ceiling"]?.integer ?? 0) messages a second (\(reason))"
    }
}
