import Domain

/// A fault that befalls a share of the requests at the mock, for a while.
protocol ChaoticFault: InjectedFault {
    /// By which the mock decides whom it befalls.
    var seed: Int { get }
    var fates: [JSON] { get }
}

extension ChaoticFault {
    func begin(_ stage: ProveStage) async throws {
        try await stage.mock.setChaos(["seed": .integer(seed), "fates": .array(fates)])
    }

    func end(_ stage: ProveStage) async throws { try await stage.mock.endChaos() }
}

/// One line of the mock's chaos.
enum Fate {
    static func fault(_ name: String, _ provider: ProviderName, rate: Double) -> JSON {
        ["rate": .number("\(rate)"), "match": ["provider": .string(provider.rawValue)], "fault": .string(name)]
    }

    /// - Parameter stage: the step that answers, where it is not the provider's own.
    static func answer(_ provider: ProviderName, stage: String? = nil, rate: Double, _ answer: JSONObject) -> JSON {
        var match: JSONObject = ["provider": .string(provider.rawValue)]
        if let stage { match["stage"] = .string(stage) }
        return ["rate": .number("\(rate)"), "match": .object(match), "answer": .object(answer)]
    }
}

extension SeededRandom {
    mutating func chaosSeed() -> Int { Int.random(in: 0..<(1 << 50), using: &self) }

    /// From a few in a hundred to nearly half.
    mutating func rate() -> Double { Double(Int.random(in: 3...45, using: &self)) / 100 }

    /// At least one of them, each as likely as not.
    mutating func some(of providers: [ProviderName] = Cast.pushers + [.smtp]) -> [ProviderName] {
        let some = providers.filter { _ in Bool.random(using: &self) }
        return some.isEmpty ? [providers[Int.random(in: 0..<providers.count, using: &self)]] : some
    }
}
