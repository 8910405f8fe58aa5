import Synchronization

/// The 128 bits behind every id: a UUID version 7 (RFC 9562 section 5.7), so ids sort by the time they were made and cannot be guessed.
///
/// Written as 22 characters of `[0-9A-Za-z]`, whose order is the order of the numbers, behind a prefix that tells the kind (`notif_`, `dlv_` …).
/// The same bits in canonical UUID form are what APNs wants as `apns-id`.
public struct Identifier: Hashable, Comparable, Sendable {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A fresh id for the moment `now`. The fraction of the millisecond goes into the 12 bits behind it (RFC 9562 section 6.2, method 3), so that
    /// ids made one after the other sort so; 62 bits stay random.
    public init(at now: Timestamp, random: inout some RandomNumberGenerator) {
        let entropy: UInt64 = random.next()
        let fraction = UInt64(truncatingIfNeeded: now.microseconds - now.milliseconds * 1_000) * 4_096 / 1_000
        high = UInt64(truncatingIfNeeded: now.milliseconds) << 16 | 0x7000 | fraction
        low = 0x8000_0000_0000_0000 | entropy & 0x3FFF_FFFF_FFFF_FFFF
    }

    public static func make(at now: Timestamp) -> Identifier {
        entropy.withLock { Identifier(at: now, random: &$0) }
    }

    private static let entropy = Mutex(EntropyBlock())

    /// When the id was made, to the millisecond.
    public var timestamp: Timestamp { Timestamp(milliseconds: Int64(high >> 16)) }

    /// Smaller than every id that can be made.
    public static let lowest = Identifier(high: 0, low: 0)

    /// Greater than every id that can be made.
    public static let greatest = Identifier(high: .max, low: .max)

    /// The smallest of all ids whose moment, a whole millisecond, is not before `moment`.
    public static func lowest(notBefore moment: Timestamp) -> Identifier {
        let whole = moment.milliseconds
        let isExact = Timestamp(milliseconds: whole) == moment
        // 48 bits hold the years 1970 to 10889.
        return Identifier(high: UInt64(min(max(isExact ? whole : whole + 1, 0), (1 << 48) - 1)) << 16, low: 0)
    }

    public static func < (a: Identifier, b: Identifier) -> Bool { a.high != b.high ? a.high < b.high : a.low < b.low }

    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    private static let hex = Array("0123456789abcdef".utf8)

    /// 62 to the power of ten.
    private static let tenDigits: UInt128 = 839_299_365_868_340_224

    /// 22 characters of base 62.
    public var text: String { text(prefix: "") }

    /// The id as it leaves the house: `prefix` and 22 characters of base 62.
    public func text(prefix: String) -> String {
        var value = UInt128(high) << 64 | UInt128(low)
        let width = prefix.utf8.count + 22
        let alphabet = Self.alphabet
        return String(unsafeUninitializedCapacity: width) { buffer in
            for (index, byte) in prefix.utf8.enumerated() { buffer[index] = byte }
            var end = width
            // Dividing 128 bits is slow, and is done once for ten digits, which fit into 64.
            for digits in [10, 10, 2] {
                let (rest, part) = value.quotientAndRemainder(dividingBy: Self.tenDigits)
                value = rest
                var chunk = UInt64(part)
                for index in stride(from: end - 1, through: end - digits, by: -1) {
                    let (quotient, remainder) = chunk.quotientAndRemainder(dividingBy: 62)
                    buffer[index] = alphabet[Int(remainder)]
                    chunk = quotient
                }
                end -= digits
            }
            return width
        }
    }

    /// Reads what `text(prefix:)` wrote; nil for anything else.
    public init?(text: some StringProtocol, prefix: String = "") {
        guard text.hasPrefix(prefix) else { return nil }
        let digits = text.utf8.dropFirst(prefix.utf8.count)
        guard digits.count == 22 else { return nil }
        var value: UInt128 = 0
        for byte in digits {
            let digit: UInt8
            switch byte {
            case 48...57: digit = byte - 48
            case 65...90: digit = byte - 55
            case 97...122: digit = byte - 61
            default: return nil
            }
            let (product, overflow) = value.multipliedReportingOverflow(by: 62)
            let (sum, carry) = product.addingReportingOverflow(UInt128(digit))
            if overflow || carry { return nil }
            value = sum
        }
        self.init(high: UInt64(truncatingIfNeeded: value >> 64), low: UInt64(truncatingIfNeeded: value))
    }

    /// Lower-case 8-4-4-4-12, as APNs asks for in `apns-id`.
    public var uuidString: String {
        let hex = Self.hex
        return String(unsafeUninitializedCapacity: 36) { buffer in
            var out = 0
            for nibble in 0..<32 {
                if nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20 {
                    buffer[out] = UInt8(ascii: "-")
                    out += 1
                }
                let word = nibble < 16 ? high : low
                buffer[out] = hex[Int(word >> UInt64((15 - nibble % 16) * 4) & 0xF)]
                out += 1
            }
            return 36
        }
    }
}
