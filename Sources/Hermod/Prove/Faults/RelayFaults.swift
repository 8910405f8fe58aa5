import Domain

/// The relay greylists: each mail is asked to come back later.
struct Greylisting: ChaoticFault {
    let seed: Int
    let fates: [JSON]

    init(_ random: inout SeededRandom) {
        seed = random.chaosSeed()
        fates = [Fate.answer(.smtp, rate: 0.9, ["status": 451, "reason": "4.7.1", "body": "Greylisted, please try again later"])]
    }
}

/// The relay has no room for more connections, and says so at the greeting.
struct RelayLimits: InjectedFault {
    private let refusals: Int
    private var scripts: [Int] = []

    init(_ random: inout SeededRandom) {
        refusals = Int.random(in: 1...30, using: &random)
    }

    mutating func begin(_ stage: ProveStage) async throws {
        // The connections that are open already have to go for new ones to be refused.
        scripts = try await stage.mock.script([
            ["match": ["provider": "smtp"], "answer": ["status": 421, "reason": "4.7.0"], "times": 3],
            [
                "match": ["provider": "smtp", "stage": "greeting"], "answer": ["status": 421, "reason": "4.7.0", "body": "Too many connections"],
                "times": .integer(refusals),
            ],
        ])
    }

    mutating func end(_ stage: ProveStage) async throws { try await stage.mock.remove(scripts) }
}

/// The relay takes a mail and hangs up before it says so, or hangs up with a 421 in the place of its answer.
struct DropAfterDot: ChaoticFault {
    let seed: Int
    let fates: [JSON]

    init(_ random: inout SeededRandom) {
        seed = random.chaosSeed()
        fates = [
            Fate.fault("close_after_body", .smtp, rate: 0.3), Fate.answer(.smtp, stage: "dot", rate: 0.2, ["status": 421, "reason": "4.3.2"]),
        ]
    }
}

/// A host's name does not resolve: one org's mail relay and its token endpoint, until somebody mends the file.
struct UnresolvableHost: InjectedFault {
    private let org: String

    init(_ random: inout SeededRandom) {
        org = Cast.orgs[Int.random(in: 0..<Cast.orgs.count, using: &random)]
    }

    // RFC 2606 keeps "invalid" free of any host for ever.
    func begin(_ stage: ProveStage) async throws { try stage.setting.write(org, host: "proof.invalid") }
    func end(_ stage: ProveStage) async throws { try stage.setting.write(org) }
}
