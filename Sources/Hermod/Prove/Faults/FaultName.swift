/// What can go wrong, by the name under which it is chosen and told of.
enum FaultName: String, Sendable, Hashable, CaseIterable {
    case kill

    /// In words, for `--list-faults`.
    var about: String {
        switch self {
        case .kill: "the gateway is killed (kill -9) in the middle of its work, and started again"
        }
    }

    /// The fault, with what the plan's salt decides for it.
    func make(salt: UInt64) -> any InjectedFault {
        var random = SeededRandom(seed: salt)
        switch self {
        case .kill: return KilledGateway(&random)
        }
    }
}
