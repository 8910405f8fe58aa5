/// Prometheus' text exposition format 0.0.4, family by family.
///
/// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format: one HELP and one TYPE line, then all samples of the family together.
struct MetricsText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    enum Kind: String {
        case counter
        case gauge
        case histogram
        case summary
    }

    /// In a fixed order, so that a series reads the same at each scrape.
    typealias Labels = KeyValuePairs<StaticString, String>

    private(set) var text = ""

    /// - Parameter samples: adds the family's samples; a family without any is left out.
    mutating func family(_ name: StaticString, _ kind: Kind, _ help: StaticString, _ samples: (inout Family) -> Void) {
        var family = Family(name: name)
        samples(&family)
        guard !family.lines.isEmpty else { return }
        text += "# HELP \(name) \(Self.escapedHelp("\(help)"))\n# TYPE \(name) \(kind.rawValue)\n"
        text += family.lines
    }

    mutating func single(_ name: StaticString, _ kind: Kind, _ help: StaticString, _ value: Double?) {
        guard let value else { return }
        family(name, kind, help) { $0.add([:], value) }
    }

    struct Family {
        fileprivate let name: StaticString
        fileprivate(set) var lines = ""

        fileprivate init(name: StaticString) {
            self.name = name
        }

        mutating func add(_ labels: Labels, _ value: Int) { add("", labels, extra: nil, "\(value)") }
        mutating func add(_ labels: Labels, _ value: Double) { add("", labels, extra: nil, Self.number(value)) }

        /// - Parameter suffix: `_bucket`, `_sum` or `_count`.
        mutating func add(_ suffix: StaticString, _ labels: Labels, bound: String? = nil, _ value: Double) {
            add(suffix, labels, extra: bound, Self.number(value))
        }

        private mutating func add(_ suffix: StaticString, _ labels: Labels, extra bound: String?, _ value: String) {
            lines += "\(name)\(suffix)"
            var pairs = labels.map { "\($0.key)=\"\(MetricsText.escapedLabel($0.value))\"" }
            if let bound { pairs.append("le=\"\(bound)\"") }
            if !pairs.isEmpty { lines += "{\(pairs.joined(separator: ","))}" }
            lines += " \(value)\n"
        }

        /// As Go's `ParseFloat` reads it; whole numbers without a fraction.
        static func number(_ value: Double) -> String {
            if value.isNaN { return "NaN" }
            if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
            if value == value.rounded(), abs(value) < 1e15 { return "\(Int64(value))" }
            return "\(value)"
        }
    }

    /// A backslash, a quotation mark and a line feed would end a label's value early.
    static func escapedLabel(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 == 0x5C || $0 == 0x22 || $0 == 0x0A }) else { return value }
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private static func escapedHelp(_ text: String) -> String {
        text.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
            .split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\\n")
    }
}
