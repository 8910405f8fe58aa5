extension Timestamp {
    /// `2026-03-26T08:00:00Z`: the contracts' form with whole seconds.
    public var rfc3339Seconds: String { text(fractionDigits: 0) }

    /// `2026-03-26T08:00:00.000Z`: the form of notification records.
    public var rfc3339Milliseconds: String { text(fractionDigits: 3) }

    private func text(fractionDigits: Int) -> String {
        let seconds = Self.floorDivide(microseconds, 1_000_000)
        let fraction = microseconds - seconds * 1_000_000
        let day = Self.floorDivide(seconds, 86_400)
        let (year, month, dayOfMonth) = Self.civil(fromDay: day)
        let second = seconds - day * 86_400
        var out: [UInt8] = []
        out.reserveCapacity(24)
        func put(_ value: Int64, _ width: Int) {
            var divisor: Int64 = 1
            for _ in 1..<width { divisor *= 10 }
            while divisor > 0 {
                out.append(UInt8(48 + (value / divisor) % 10))
                divisor /= 10
            }
        }
        put(year, 4)
        out.append(UInt8(ascii: "-"))
        put(month, 2)
        out.append(UInt8(ascii: "-"))
        put(dayOfMonth, 2)
        out.append(UInt8(ascii: "T"))
        put(second / 3600, 2)
        out.append(UInt8(ascii: ":"))
        put(second / 60 % 60, 2)
        out.append(UInt8(ascii: ":"))
        put(second % 60, 2)
        if fractionDigits == 3 {
            out.append(UInt8(ascii: "."))
            put(fraction / 1_000, 3)
        }
        out.append(UInt8(ascii: "Z"))
        return String(decoding: out, as: UTF8.self)
    }

    /// Reads RFC 3339 date-times (`2026-03-26T08:00:00Z`, any fraction, any offset). A lower-case `t` or `z` is accepted
    /// (RFC 3339 section 5.6). Anything else, a calendar day that does not exist included, gives nil.
    public init?(rfc3339 text: String) {
        var bytes = Array(text.utf8)[...]
        func digits(_ count: Int) -> Int64? {
            guard bytes.count >= count else { return nil }
            var value: Int64 = 0
            for byte in bytes.prefix(count) {
                guard byte >= 48, byte <= 57 else { return nil }
                value = value * 10 + Int64(byte - 48)
            }
            bytes = bytes.dropFirst(count)
            return value
        }
        func skip(_ allowed: String) -> Bool {
            guard let first = bytes.first, allowed.utf8.contains(first) else { return false }
            bytes = bytes.dropFirst()
            return true
        }
        guard let year = digits(4), skip("-"), let month = digits(2), skip("-"), let day = digits(2), skip("Tt "),
            let hour = digits(2), skip(":"), let minute = digits(2), skip(":"), let second = digits(2),
            (1...12).contains(month), day >= 1, day <= Self.days(inMonth: month, of: year), hour < 24, minute < 60, second <= 60
        else { return nil }
        var micros: Int64 = 0
        if skip(".") {
            var scale: Int64 = 100_000
            var any = false
            while let byte = bytes.first, byte >= 48, byte <= 57 {
                micros += Int64(byte - 48) * scale
                scale /= 10
                any = true
                bytes = bytes.dropFirst()
            }
            guard any else { return nil }
        }
        var offset: Int64 = 0
        if !skip("Zz") {
            let sign: Int64
            if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
            guard let hours = digits(2), skip(":"), let minutes = digits(2), hours < 24, minutes < 60 else { return nil }
            offset = sign * (hours * 3600 + minutes * 60)
        }
        guard bytes.isEmpty else { return nil }
        let days = Self.day(ofYear: year, month: month, day: day)
        self.init(microseconds: (days * 86_400 + hour * 3600 + minute * 60 + second - offset) * 1_000_000 + micros)
        // An offset can carry a moment out of the years that four digits can write.
        guard self >= Self.yearZero, self < Self.yearTenThousand else { return nil }
    }

    private static let yearZero = Timestamp(seconds: day(ofYear: 0, month: 1, day: 1) * 86_400)
    private static let yearTenThousand = Timestamp(seconds: day(ofYear: 10_000, month: 1, day: 1) * 86_400)

    // Days and civil dates by Howard Hinnant's algorithms (chrono-compatible low-level date algorithms): exact for all years,
    // and far cheaper than a calendar on the way of every answer.
    private static func day(ofYear year: Int64, month: Int64, day: Int64) -> Int64 {
        let y = month <= 2 ? year - 1 : year
        let era = floorDivide(y, 400)
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func civil(fromDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let z = day + 719_468
        let era = floorDivide(z, 146_097)
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let mp = (5 * dayOfYear + 2) / 153
        let month = mp < 10 ? mp + 3 : mp - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * mp + 2) / 5 + 1)
    }

    private static func days(inMonth month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: return 30
        default: return 31
        }
    }

    private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
        a >= 0 ? a / b : -((-a + b - 1) / b)
    }
}
