public import Domain

/// What the engine has counted since it was made. Kept under a lock that is held anyway: an attempt costs a few additions to arrays, and nothing is allocated.
public struct DeliveryCounts: Sendable, Hashable {
    private static let providers = ProviderName.allCases
    private static let kinds = Verdict.Kind.allCases
    private static let states: [DeliveryState] = [.delivered, .failed, .cancelled]

    private var attempts = [Int](repeating: 0, count: providers.count * kinds.count)
    private var settlements = [Int](repeating: 0, count: providers.count * states.count)
    private var latencies = [LatencyHistogram](repeating: LatencyHistogram(), count: providers.count)

    public init() {}

    /// Attempts that ended with such a verdict.
    public func attempts(_ provider: ProviderName, _ kind: Verdict.Kind) -> Int {
        attempts[provider.ordinal * Self.kinds.count + kind.rawValue]
    }

    /// Deliveries that came to that final state while this process looked on.
    public func settled(_ provider: ProviderName, _ state: DeliveryState) -> Int {
        state.ordinal.map { settlements[provider.ordinal * Self.states.count + $0] } ?? 0
    }

    /// From the acceptance of a delivery to the provider's taking it.
    public func latency(_ provider: ProviderName) -> LatencyHistogram { latencies[provider.ordinal] }

    /// An attempt has ended.
    ///
    /// - Parameter age: of its delivery at that moment.
    mutating func countAttempt(_ provider: ProviderName, _ verdict: Verdict, age: Duration) {
        let kind = verdict.kind
        attempts[provider.ordinal * Self.kinds.count + kind.rawValue] += 1
        if kind == .accepted || kind == .awaitingReceipt { latencies[provider.ordinal].record(age) }
    }

    mutating func countSettled(_ provider: ProviderName, _ state: DeliveryState, _ count: Int = 1) {
        guard let place = state.ordinal else { return }
        settlements[provider.ordinal * Self.states.count + place] += count
    }
}

/// How many durations fell between fixed bounds.
public struct LatencyHistogram: Sendable, Hashable {
    /// From what a message takes when all goes well to what one takes that waits for a mended credential.
    public static let bounds: [Duration] = [
        .milliseconds(5), .milliseconds(10), .milliseconds(25), .milliseconds(50), .milliseconds(100), .milliseconds(250), .milliseconds(500),
        .seconds(1),
        .milliseconds(2_500), .seconds(5), .seconds(10), .seconds(30), .seconds(60), .seconds(300), .seconds(1_800), .seconds(7_200),
    ]
    private static let microseconds = bounds.map(\.microseconds)

    /// By bound, and one more for what is beyond the last; not cumulated.
    public private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
    public private(set) var sum = Duration.zero

    public init() {}

    public var count: Int { counts.reduce(0, +) }

    mutating func record(_ duration: Duration) {
        let time = max(duration.microseconds, 0)
        var place = 0
        while place < Self.microseconds.count, time > Self.microseconds[place] { place += 1 }
        counts[place] += 1
        sum += .microseconds(time)
    }
}

extension ProviderName {
    fileprivate var ordinal: Int {
        switch self {
        case .expo: 0
        case .apns: 1
        case .fcm: 2
        case .smtp: 3
        case .inApp: 4
        }
    }
}

extension DeliveryState {
    /// Nil for states in which a delivery does not stay. Expo's `sent` counts when the receipt has come.
    fileprivate var ordinal: Int? {
        switch self {
        case .delivered: 0
        case .failed: 1
        case .cancelled: 2
        case .queued, .sending, .sent: nil
        }
    }
}
