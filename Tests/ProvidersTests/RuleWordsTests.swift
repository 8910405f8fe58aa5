import Domain
import Testing

@testable import Providers

/// A rule that nobody can read is no answer to "why did it not arrive?".
struct RuleWordsTests {
    private static let tables = [
        APNsVerdicts.table, FCMVerdicts.table, FCMGrantVerdicts.table, ExpoVerdicts.requests, ExpoVerdicts.tickets, ExpoVerdicts.receipts,
        SMTPVerdicts.table, TransportVerdicts.expo, TransportVerdicts.apns, TransportVerdicts.fcm, TransportVerdicts.grant,
    ]

    @Test(arguments: tables)
    func `every rule of every table is told in plain words`(table: VerdictTable) {
        for rule in table.rules {
            let words = RuleWords.words(for: rule.name)
            #expect(words?.isEmpty == false, "\(rule.name)")
            // Any code may fall through to a table's last row; a row with a word of its own has words of its own.
            let isNamed = !rule.words.isEmpty && rule.words.first != "no_reason"
            #expect(!isNamed || words != RuleWords.words(for: "other"), "\(rule.name): \(words ?? "")")
        }
    }

    @Test func `what is refused before it is sent is told too`() {
        let locals =
            RequestFault.Kind.allCases.map(\.rawValue) + ["bad_address", "control_character", "empty", "list_unsubscribe", "credential_unusable"]
        for local in locals { #expect(RuleWords.words(for: "smtp.local.\(local)") != nil, "\(local)") }
        #expect(RuleWords.words(for: "in_app.stored") != nil)
        #expect(RuleWords.words(for: "hermod.outcome_count") != nil)
        #expect(RuleWords.words(for: "no.table.has.this") == nil)
    }

    @Test func `a rule's own words go before those of its kind`() {
        #expect(RuleWords.words(for: "apns.410.Unregistered") == RuleWords.words(for: "fcm.apns.Unregistered"))
        #expect(RuleWords.words(for: "fcm.429.QUOTA_EXCEEDED.device") != RuleWords.words(for: "fcm.429.QUOTA_EXCEEDED"))
        #expect(RuleWords.words(for: "smtp.mail.5.1.1") != RuleWords.words(for: "smtp.rcpt.5.1.1"))
    }

    @Test func `a clause is a clause`() {
        for table in Self.tables {
            for rule in table.rules {
                guard let words = RuleWords.words(for: rule.name) else { continue }
                #expect(!words.hasSuffix(".") && !words.contains("\n"), "\(rule.name)")
            }
        }
    }
}
