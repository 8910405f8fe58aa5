/// The small languages that settings are written in: times, sizes, and the names of keys that were nearly right.
public enum SettingsText {
    private static let units: [(suffix: String, milliseconds: Int64)] = [
        ("ms", 1), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000),
    ]

    /// Reads `500ms`, `10s`, `15m`, `1h`, `2d`; a bare number has no meaning and gives nil.
    public static func duration(_ text: String) -> Duration? {
        guard let unit = units.first(where: { text.hasSuffix($0.suffix) }) else { return nil }
        let digits = text.dropLast(unit.suffix.count)
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }), let count = Int64(digits) else { return nil }
        let (milliseconds, overflow) = count.multipliedReportingOverflow(by: unit.milliseconds)
        return overflow ? nil : .milliseconds(milliseconds)
    }

    /// Writes a time in the largest unit that divides it.
    public static func duration(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
        let unit = units.filter { $0.milliseconds <= max(milliseconds, 1_000) && milliseconds % $0.milliseconds == 0 }
            .max { $0.milliseconds < $1.milliseconds }
        return unit.map { "\(milliseconds / $0.milliseconds)\($0.suffix)" } ?? "\(milliseconds)ms"
    }

    /// Reads `65536`, `64KiB`, `1MiB`, `1GiB`.
    public static func bytes(_ text: String) -> Int? {
        let unit = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)].first { text.hasSuffix($0.0) }
        let digits = text.dropLast(unit?.0.count ?? 0)
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }), let count = Int(digits) else { return nil }
        let (size, overflow) = count.multipliedReportingOverflow(by: unit?.1 ?? 1)
        return overflow ? nil : size
    }

    /// Writes a size in the largest unit that divides it.
    public static func size(_ bytes: Int) -> String {
        for (suffix, unit) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] where bytes >= unit && bytes % unit == 0 {
            return "\(bytes / unit)\(suffix)"
        }
        return String(bytes)
    }

    /// The candidate that `word` was most likely meant to be; nil when none is near enough to be worth naming.
    public static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let word = word.lowercased()
        return candidates.map { (candidate: $0, distance: distance(Array(word.utf8), Array($0.lowercased().utf8))) }
            .filter { $0.distance <= max(2, max(word.utf8.count, $0.candidate.utf8.count) / 3) }
            .min { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }?
            .candidate
    }

    /// Optimal string alignment: insertions, deletions, replacements and swaps of neighbours, each at the cost of one.
    static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var beforeLast = [Int](repeating: 0, count: b.count + 1)
        var last = Array(0...b.count)
        for i in 0..<a.count {
            var row = [Int](repeating: i + 1, count: b.count + 1)
            for j in 0..<b.count {
                row[j + 1] = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { row[j + 1] = min(row[j + 1], beforeLast[j - 1] + 1) }
            }
            (beforeLast, last) = (last, row)
        }
        return last[b.count]
    }
}
