import Domain
import Testing

@testable import Providers

/// What the published vectors count against a provider's health: no answer and a server's own fault, and nothing else. Said here once more and otherwise
/// than the tables say it, row by row.
struct HealthTests {
    private struct Judged: Sendable, CustomTestStringConvertible {
        var name: String
        var status: Int?
        var action: String
        var reason: String
        var rule: String
        var blames: Bool
        var testDescription: String { "\(rule): \(name)" }
    }

    /// Every verdict of a file, with the status of the answer that it is on.
    private static func verdicts(_ file: String) throws -> [Judged] {
        try VectorFile(file).vectors.flatMap { vector -> [Judged] in
            let status = (vector.json["status"] ?? vector.json["code"])?.integer.map { Int($0) }
            let all = [vector.json["verdict"]].compactMap(\.self) + (vector.json["verdicts"]?.array ?? [])
            return all.map { verdict in
                Judged(
                    name: vector.name, status: status, action: verdict["action"]?.string ?? "", reason: verdict["reason"]?.string ?? "",
                    rule: verdict["rule"]?.string ?? "", blames: verdict["blames_provider"]?.bool ?? false)
            }
        }
    }

    @Test(arguments: ["apns", "fcm", "expo"])
    func `over HTTP, only a server's own fault is one of its health`(file: String) throws {
        let verdicts = try Self.verdicts(file)
        #expect(verdicts.count > 20)
        for verdict in verdicts {
            let status = try #require(verdict.status, "\(verdict)")
            // Of one server of many that goes down, only a second answer in a row tells; Apple's faults behind FCM are not FCM's.
            let isOthers = verdict.reason == "Shutdown" || verdict.rule.hasPrefix("fcm.apns.")
            // Google's token endpoint names its faults whatever the status, and without its answers nothing can be sent; Expo tells its own in a ticket.
            let saysSo = verdict.rule.hasPrefix("fcm.grant.") && verdict.action == "RETRY" && status != 429 || verdict.reason == "ExpoError"
            let isFault = (status >= 500 || status == 408 || saysSo) && !isOthers && verdict.action == "RETRY"
            #expect(verdict.blames == isFault, "\(verdict)")
        }
    }

    @Test(arguments: ["apns", "fcm", "expo", "smtp", "transport"])
    func `no refusal of a message, a token, a credential or a pace counts`(file: String) throws {
        for verdict in try Self.verdicts(file) {
            if ["OK", "PERM", "BUG", "TOKEN", "CRED", "SPLIT", "RETRY_ONCE"].contains(verdict.action) || verdict.status == 429 {
                #expect(!verdict.blames, "\(verdict)")
            }
        }
    }

    @Test func `a relay is ill that does not answer, or has no time for anybody`() throws {
        for vector in try VectorFile("smtp").vectors {
            let verdict = try #require(vector.json["verdict"])
            // The others are exchanges without a reply.
            guard let stage = vector.json["stage"]?.string, let code = vector.json["code"]?.integer else { continue }
            let isBeforeMail = ["greeting", "ehlo", "starttls", "auth"].contains(stage) && (400..<500).contains(code)
            let isRate = verdict["rule"]?.string?.contains("rate") == true || verdict["rule"]?.string == "smtp.any.421.4.7.0"
            let isUnheard = verdict["rule"]?.string == "smtp.any.other"
            let isIll = verdict["action"]?.string != "CRED" && (isBeforeMail || (code == 421 && !isRate) || isUnheard)
            let reputation = verdict["rule"]?.string?.hasSuffix("4.7.28") == true
            #expect((verdict["blames_provider"]?.bool ?? false) == (isIll && !reputation), "\(vector.name)")
        }
    }
}
