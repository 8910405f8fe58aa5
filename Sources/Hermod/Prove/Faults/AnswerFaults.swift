import Domain
import Transport

/// 429 and its like, with Retry-After in seconds, as a date, and without.
struct TooManyRequests: ChaoticFault {
    let seed: Int
    let fates: [JSON]

    init(_ random: inout SeededRandom) {
        seed = random.chaosSeed()
        fates = random.some().map { provider in
            let rate = random.rate()
            var answer: JSONObject
            switch provider {
            case .apns: answer = ["reason": "TooManyRequests"]
            case .fcm: answer = ["reason": "QUOTA_EXCEEDED"]
            case .expo: answer = ["status": 429, "reason": "TOO_MANY_REQUESTS"]
            // Mail has no such header; a relay says it in its reply.
            case .smtp, .inApp: return Fate.answer(.smtp, rate: rate, ["status": 450, "reason": "4.2.1"])
            }
            switch Int.random(in: 0..<3, using: &random) {
            case 0: answer["retry_after"] = .integer(Int.random(in: 1...90, using: &random))
            case 1: answer["retry_after_date"] = .integer(Int.random(in: 1...90, using: &random))
            default: break
            }
            return Fate.answer(provider, stage: provider == .expo ? "request" : nil, rate: rate, answer)
        }
    }
}

/// 5xx in bursts; Expo's 504 has been seen to come although the message was taken.
struct ServerErrors: ChaoticFault {
    let seed: Int
    let fates: [JSON]

    init(_ random: inout SeededRandom) {
        seed = random.chaosSeed()
        fates = random.some().map { provider in
            let rate = random.rate()
            switch provider {
            case .apns:
                let reason = ["InternalServerError", "ServiceUnavailable", "Shutdown"][Int.random(in: 0..<3, using: &random)]
                return Fate.answer(.apns, rate: rate, ["reason": .string(reason)])
            case .fcm: return Fate.answer(.fcm, rate: rate, ["reason": Bool.random(using: &random) ? "UNAVAILABLE" : "INTERNAL"])
            case .expo:
                let isTaken = Bool.random(using: &random)
                return Fate.answer(.expo, stage: "request", rate: rate, ["status": isTaken ? 504 : 503, "accepted": .bool(isTaken)])
            case .smtp, .inApp: return Fate.answer(.smtp, rate: rate, ["status": 451, "reason": "4.3.0"])
            }
        }
    }
}

/// A page for people where a provider's JSON should be: from a proxy that is in the way, with an error's status or with a good one.
struct HTMLAnswers: ChaoticFault {
    let seed: Int
    let fates: [JSON]

    init(_ random: inout SeededRandom) {
        seed = random.chaosSeed()
        let page: JSON = "<!DOCTYPE html><html><body><h1>One moment, please</h1></body></html>"
        fates = random.some(of: Cast.pushers).map { provider in
            let status: JSON = provider != .apns && random.isOneIn(3) ? 200 : Bool.random(using: &random) ? 502 : 503
            return Fate.answer(provider, stage: provider == .expo ? "request" : nil, rate: random.rate(), ["status": status, "body": page])
        }
    }
}

/// Provider tokens are called expired in the middle of a burst, and access tokens are worth nothing any more.
struct ExpiredTokens: InjectedFault {
    private let refusals: Int
    private var scripts: [Int] = []

    init(_ random: inout SeededRandom) {
        refusals = Int.random(in: 1...20, using: &random)
    }

    mutating func begin(_ stage: ProveStage) async throws {
        scripts = try await stage.mock.script([
            ["match": ["provider": "apns"], "answer": ["reason": "ExpiredProviderToken"], "times": .integer(refusals)]
        ])
        try await stage.mock.call(.post, "fcm/revoke")
    }

    mutating func end(_ stage: ProveStage) async throws { try await stage.mock.remove(scripts) }
}

/// The token endpoint is down, or does not answer, when tokens are needed.
struct TokenEndpointDown: InjectedFault {
    private let isSilent: Bool
    private var scripts: [Int] = []

    init(_ random: inout SeededRandom) {
        isSilent = Bool.random(using: &random)
    }

    mutating func begin(_ stage: ProveStage) async throws {
        var script: JSONObject = ["match": ["provider": "fcm", "stage": "grant"]]
        if isSilent { script["fault"] = "never" } else { script["answer"] = ["status": 503] }
        scripts = try await stage.mock.script([.object(script)])
        try await stage.mock.call(.post, "fcm/revoke")
    }

    mutating func end(_ stage: ProveStage) async throws { try await stage.mock.remove(scripts) }
}

/// Every credential of one org is revoked at its provider, and believed in again later.
struct RevokedKey: InjectedFault {
    private let org: String

    init(_ random: inout SeededRandom) {
        org = Cast.orgs[Int.random(in: 0..<Cast.orgs.count, using: &random)]
    }

    func begin(_ stage: ProveStage) async throws {
        for provider in Cast.pushers + [.smtp] {
            var credential: JSONObject = ["org": .string(org), "provider": .string(provider.rawValue)]
            // Tokens that are out would be good for their hour.
            if provider == .fcm { credential["access_tokens"] = true }
            try await stage.mock.call(.post, "credentials/revoke", .object(credential))
        }
    }

    func end(_ stage: ProveStage) async throws {
        for provider in Cast.pushers + [.smtp] {
            try await stage.mock.call(.post, "credentials/restore", ["org": .string(org), "provider": .string(provider.rawValue)])
        }
    }
}
