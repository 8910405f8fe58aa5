/// How far an import is, in one line for a terminal.
struct ImportProgress {
    /// Bytes of the file; nil where nobody can know, as of standard input.
    var total: Int?
    var sent = 0
    var records = 0

    private static let width = 24

    /// - Parameter elapsed: since the import began.
    func line(after elapsed: Duration) -> String {
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        let rate = seconds > 0 ? Int(Double(records) / seconds) : 0
        let counts = "\(Self.grouped(records)) lines, \(Self.grouped(rate))/s"
        guard let total, total > 0 else { return counts }
        let share = min(1, Double(sent) / Double(total))
        let filled = Int(share * Double(Self.width))
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.width - filled)
        let percent = Int(share * 100)
        guard share > 0, share < 1 else { return "[\(bar)] \(percent) %, \(counts)" }
        return "[\(bar)] \(percent) %, \(counts), \(Self.clock(seconds / share - seconds)) left"
    }

    /// `12,345`.
    static func grouped(_ number: Int) -> String {
        let digits = Array(String(number))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// `42 s`, `3 min 5 s`.
    private static func clock(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded(.up))
        return whole < 60 ? "\(whole) s" : "\(whole / 60) min \(whole % 60) s"
    }
}
