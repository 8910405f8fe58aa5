/// What a provider limits together, whoever sends: a project, a relay's account, a key. Lanes that name the same quota share one limiter.
public struct Quota: Sendable, Hashable {
    /// Unique over all providers, and shown to operators: no secret and no address is in it. Nil where nothing is known that the lane shares with others.
    public var name: String?
    /// Messages a second while the provider does not complain.
    public var ceiling: Double
    /// What may go out at once after a rest: `ceiling + burst` is the most that any one second can see.
    public var burst: Double
    /// Messages a second after a minute of rest, where the provider asks senders to rise to their peak by degrees.
    public var start: Double

    public init(name: String?, ceiling: Double, burst: Double, start: Double? = nil) {
        self.name = name
        self.ceiling = ceiling
        self.burst = burst
        self.start = start ?? ceiling
    }

    /// As good as none: what a provider without documented limits starts from, and what refusals teach otherwise.
    public static func undocumented(_ name: String?) -> Quota { Quota(name: name, ceiling: 100_000, burst: 100_000) }
}
