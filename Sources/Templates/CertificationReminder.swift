public import Domain

#if canImport(FoundationInternationalization)
internal import FoundationEssentials
internal import FoundationInternationalization
#else
internal import Foundation
#endif

/// The reminder that a certification is about to expire.
public struct CertificationReminder: Sendable, Hashable {
    public var fullName: String?
    public var certification: String
    public var expiresAt: Timestamp
    /// When it is written.
    public var now: Timestamp

    public init(fullName: String?, certification: String, expiresAt: Timestamp, now: Timestamp) {
        self.fullName = fullName
        self.certification = certification
        self.expiresAt = expiresAt
        self.now = now
    }

    /// Days as a calendar counts them, in UTC: from today's date to that of the expiry. Zero is today.
    public var days: Int { Int(max(0, expiresAt.day - now.day)) }

    static let placeholders = ["full_name", "certification", "days", "expires_on", "today", "one_day", "many_days"]

    static let samples: [Facts] = [nil, "Ada Lovelace"].flatMap { name in
        [0, 1, 30].map { days in
            let now = Timestamp(seconds: 1_774_512_000)
            let reminder = CertificationReminder(
                fullName: name, certification: "Peer mentor", expiresAt: now + .seconds(days * 86_400), now: now)
            return reminder.facts(in: .default)
        }
    }

    /// - Parameter locale: how the date is written.
    func facts(in locale: LocaleTag) -> Facts {
        var facts = Facts()
        facts[text: "full_name"] = fullName
        facts[text: "certification"] = certification
        facts[text: "days"] = String(days)
        facts[text: "expires_on"] = Self.write(expiresAt, in: locale)
        facts[flag: "today"] = days == 0
        facts[flag: "one_day"] = days == 1
        facts[flag: "many_days"] = days > 1
        return facts
    }

    private static func write(_ time: Timestamp, in locale: LocaleTag) -> String {
        Date(timeIntervalSince1970: Double(time.seconds)).formatted(
            Date.FormatStyle(
                date: .long, time: .omitted, locale: Locale(identifier: locale.text), calendar: Calendar(identifier: .gregorian), timeZone: .gmt))
    }
}

extension Timestamp {
    /// Days since 1970 in UTC.
    fileprivate var day: Int64 { (seconds - ((seconds % 86_400) + 86_400) % 86_400) / 86_400 }
}
