/// The main run, for tests that need no other.
extension MockProviders {
    /// Puts a script in force and returns its number.
    @discardableResult
    public func script(_ script: Script) -> Int { main.script(script) }

    /// Ends all scripts, and chaos.
    public func removeScripts() { main.removeScripts() }

    /// Lets chance decide from now on; nil ends that.
    public func setChaos(_ chaos: Chaos?) { main.setChaos(chaos) }

    /// The messages still kept that the filter admits, oldest first.
    public func messages(_ filter: MessageFilter = MessageFilter()) -> [ReceivedMessage] { main.messages(filter) }

    /// How many the filter admits; a filter of provider and acceptance alone counts those no longer kept, too.
    public func count(_ filter: MessageFilter = MessageFilter()) -> Int { main.count(filter) }

    public var duplicates: [Duplicate] { main.duplicates }

    public var statistics: Statistics { main.statistics }

    /// Waits until `count` messages have come that the filter admits.
    ///
    /// - Throws: `NotEnoughMessages` when the time is up, `CancellationError` when the task is cancelled.
    @discardableResult
    public func waitForMessages(
        _ filter: MessageFilter = MessageFilter(), count: Int = 1, timeout: Duration = .seconds(10)
    ) async throws -> [ReceivedMessage] {
        try await main.waitForMessages(filter, count: count, timeout: timeout)
    }

    /// Moves the clock: receipts come due, tokens grow old, greylisting passes.
    public func advanceClock(by duration: Duration) { main.advanceClock(by: duration) }

    /// Forgets messages, scripts, chaos, tickets, devices, topics and greylisting, puts the clock right, and restores what was revoked. Credentials and
    /// access tokens stay.
    public func reset() { main.reset() }

    /// Tells Expo whose tokens these are; a request may not mix projects.
    public func assign(_ tokens: [String], toProject project: String) { main.assign(tokens, toProject: project) }

    /// Makes every access token that FCM has given out worthless.
    public func revokeAccessTokens() { main.revokeAccessTokens() }
}
