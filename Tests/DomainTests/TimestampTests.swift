import Domain
import Testing

struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (1_774_512_000, "2026-03-26T08:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"), (4_107_542_400, "2100-03-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"), (-62_135_596_800, "0001-01-01T00:00:00Z"),
        ] as [(Int64, String)])
    func `whole seconds are written and read as RFC 3339`(seconds: Int64, text: String) {
        #expect(Timestamp(seconds: seconds).rfc3339Seconds == text)
        #expect(Timestamp(rfc3339: text) == Timestamp(seconds: seconds))
    }

    @Test func `milliseconds are written with three digits, rounded down`() {
        #expect(Timestamp(microseconds: 1_774_512_000_005_999).rfc3339Milliseconds == "2026-03-26T08:00:00.005Z")
        #expect(Timestamp(microseconds: -1).rfc3339Milliseconds == "1969-12-31T23:59:59.999Z")
    }

    @Test(
        arguments: [
            ("2026-03-26T08:00:00.5Z", 1_774_512_000_500_000), ("2026-03-26T08:00:00.123456789Z", 1_774_512_000_123_456),
            ("2026-03-26T10:30:00+02:30", 1_774_512_000_000_000), ("2026-03-26T00:00:00-08:00", 1_774_512_000_000_000),
            ("2026-03-26t08:00:00z", 1_774_512_000_000_000), ("2026-03-26T08:00:60Z", 1_774_512_060_000_000),
        ] as [(String, Int64)])
    func `fractions, offsets and leap seconds are understood`(text: String, microseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "2026-03-26", "2026-03-26T08:00:00", "2026-02-29T08:00:00Z", "2100-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-10T00:00:00Z",
        "2026-04-31T00:00:00Z", "2026-03-26T24:00:00Z", "2026-03-26T08:60:00Z", "2026-03-26T08:00:61Z", "2026-03-26T08:00:00.Z",
        "2026-03-26T08:00:00+25:00", "2026-03-26T08:00:00Z ", "26-03-26T08:00:00Z", "2026-3-26T08:00:00Z", "2026-03-26T08:00:00+0200",
        "9999-12-31T23:59:59-00:01", "0000-01-01T00:00:00+00:01",
    ])
    func `what is no date-time gives nothing`(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func `seconds and milliseconds round down on both sides of 1970`() {
        #expect(Timestamp(microseconds: 1_999_999).seconds == 1)
        #expect(Timestamp(microseconds: -1).seconds == -1)
        #expect(Timestamp(microseconds: -1).milliseconds == -1)
        // Beyond the 53 bits of a Double.
        #expect(Timestamp(microseconds: 9_007_199_254_740_993_999).milliseconds == 9_007_199_254_740_993)
    }

    @Test func `times and durations add up`() {
        let start = Timestamp(seconds: 10)
        #expect(start + .milliseconds(1_500) == Timestamp(milliseconds: 11_500))
        #expect(start - .seconds(20) == Timestamp(seconds: -10))
        #expect((start + .microseconds(7)) - start == .microseconds(7))
        #expect(Duration.nanoseconds(1_999).microseconds == 1)
    }
}
