import Domain
import Testing

@testable import Providers

struct RetryAfterTests {
    private let now = Timestamp(seconds: 1_768_478_400)  // 2026-01-15T12:00:00Z, a Thursday

    @Test(arguments: [
        ("120", 120), (" 7", 7), ("0", 1), ("1", 1), ("3600", 3_600), ("3601", 3_600), ("99999999999999999999", 3_600), ("2.5", 2), ("30 ", 30),
        ("Thu, 15 Jan 2026 12:00:45 GMT", 45), ("Thu, 15 Jan 2026 13:30:00 GMT", 3_600), ("Thu, 15 Jan 2026 11:00:00 GMT", 1),
        ("Thursday, 15-Jan-26 12:02:00 GMT", 120), ("Thu Jan 15 12:00:09 2026", 9), ("Thu Jan  1 00:00:00 2026", 1),
    ])
    func `seconds and all three forms of date are read and clamped to 1 s to 1 h`(value: String, seconds: Int) {
        #expect(RetryAfter.parse(value, now: now) == .seconds(seconds))
    }

    @Test(arguments: [
        "", " ", "-5", "soon", "12a", "Thu, 15 Foo 2026 12:00:45 GMT", "Thu, 32 Jan 2026 12:00:45 GMT", "Thu, 15 Jan 2026 25:00:45 GMT",
        "Thu, 15 Jan", "0x10", "é",
    ])
    func `what is neither is as if it were not there`(value: String) {
        #expect(RetryAfter.parse(value, now: now) == nil)
    }
}
