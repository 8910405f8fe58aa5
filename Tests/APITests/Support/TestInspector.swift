import Crypto
import Domain
import Synchronization

@testable import API

/// `ID:BASE64` of 32 bytes.
let testMasterKey = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

/// Takes any key for a good one, unless "faulty" stands in it. A certificate ends 30 days after 2026-03-24T08:00:00Z.
struct TestInspector: CredentialInspector {
    func inspect(_ credential: Credential, now: Timestamp) throws(CredentialFaults) -> CredentialFacts {
        let (secret, field, members) = Self.parts(credential.account)
        guard !secret.contains("faulty") else {
            throw CredentialFaults([
                CredentialFault(field: field, message: "is no key of the right kind", remedy: "Take the file as the provider gave it."),
                CredentialFault(field: "apps", message: "is odd", remedy: ""),
            ])
        }
        var facts = CredentialFacts(fingerprint: String(SHA256.hash(data: Array(secret.utf8)).hex.prefix(16)), members: members)
        if case .apns(let account) = credential.account, case .certificate = account.identity {
            facts.notAfter = Timestamp(seconds: 1_774_339_200) + .seconds(30 * 86_400)
            facts.warnings = ["It ends soon."]
        }
        return facts
    }

    static func parts(_ account: Credential.Account) -> (secret: String, field: String, members: JSONObject) {
        switch account {
        case .expo(let account): return (account.accessToken?.revealText() ?? "", "access_token", [:])
        case .fcm(let account): return (account.privateKey.revealText(), "service_account", ["project_id": .string(account.projectID)])
        case .smtp(let account):
            let url = "smtp://\(account.host):\(account.port)"
            return (account.password?.revealText() ?? "", "password", ["url": .string(url), "from": .string(account.from)])
        case .apns(let account):
            var members: JSONObject = ["topic": .string(account.topic), "environment": .string(account.environment.rawValue)]
            switch account.identity {
            case .key(let pem, let keyID, let teamID):
                members["team_id"] = .string(teamID)
                members["key_id"] = .string(keyID)
                return (pem.revealText(), "private_key", members)
            case .certificate(let p12, let password): return (p12.revealText() + password.revealText(), "certificate", members)
            }
        }
    }
}

/// A provider that refuses the secrets it was told to.
final class TestVerifier: CredentialVerifier {
    private struct State {
        var verdicts: [String: CredentialVerification.Verdict] = [:]
        var asked: [(secret: String, dns: Bool)] = []
    }

    private let state = Mutex(State())

    func answer(_ secret: String, _ verdict: CredentialVerification.Verdict) { state.withLock { $0.verdicts[secret] = verdict } }

    var asked: [(secret: String, dns: Bool)] { state.withLock { $0.asked } }

    func verify(_ credential: Credential, dns: Bool, deadline: Timestamp) async -> CredentialVerification {
        let secret = TestInspector.parts(credential.account).secret
        let verdict = state.withLock { state in
            state.asked.append((secret, dns))
            return state.verdicts[secret] ?? .works
        }
        return CredentialVerification(
            verdict: verdict, summary: "The provider says \(verdict.rawValue).",
            steps: [.init("connect", .works, "connected"), .init("send", verdict, "said so")])
    }
}
