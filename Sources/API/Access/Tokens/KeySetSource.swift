/// Where a JWKS comes from: the API knows neither files nor the network.
public protocol KeySetSource: Sendable {
    /// For messages: a path, or an address.
    var place: String { get }

    var pace: KeySetPace { get }

    /// Gets the document as it stands now. Bounded in size and time by the source.
    func read() async throws(KeySetFault) -> [UInt8]
}

/// How often a key set is read again.
public struct KeySetPace: Sendable, Hashable {
    /// Older keys are renewed while they go on being used.
    public var refresh: Duration
    /// Older ones are renewed before they are used; when that fails, they are used all the same.
    public var renewal: Duration
    /// Between two attempts, whatever the reason: strangers' tokens must not make us knock at the issuer's door with each.
    public var interval: Duration

    public init(refresh: Duration, renewal: Duration, interval: Duration) {
        self.refresh = refresh
        self.renewal = renewal
        self.interval = interval
    }
}

/// Why a key set can't be had, in words that follow its place and a colon.
public struct KeySetFault: Error, Sendable, Hashable, CustomStringConvertible {
    public var description: String

    public init(_ description: String) {
        self.description = description
    }
}
