/// What one run has seen, and what shall happen in it.
public struct MockRun: Sendable {
    let universe: Universe
    private let world: World

    init(universe: Universe, world: World) {
        self.universe = universe
        self.world = world
    }

    /// Empty for the main run.
    public var name: String { world.name }

    /// Puts a script in force and returns its number.
    @discardableResult
    public func script(_ script: Script) -> Int { world.scripts.add(script) }

    /// Ends all scripts, and chaos.
    public func removeScripts() { world.scripts.removeAll() }

    /// Lets chance decide from now on; nil ends that.
    public func setChaos(_ chaos: Chaos?) { world.scripts.setChaos(chaos) }

    /// The messages still kept that the filter admits, oldest first.
    public func messages(_ filter: MessageFilter = MessageFilter()) -> [ReceivedMessage] { world.log.messages(filter) }

    /// How many the filter admits; a filter of provider and acceptance alone counts those no longer kept, too.
    public func count(_ filter: MessageFilter = MessageFilter()) -> Int { world.log.count(filter) }

    public var duplicates: [Duplicate] { world.log.duplicates }

    /// Connections are counted in the main run, since one may serve many.
    public var statistics: Statistics { world.log.statistics }

    /// Waits until `count` messages have come that the filter admits.
    ///
    /// - Throws: `NotEnoughMessages` when the time is up, `CancellationError` when the task is cancelled.
    @discardableResult
    public func waitForMessages(
        _ filter: MessageFilter = MessageFilter(), count: Int = 1, timeout: Duration = .seconds(10)
    ) async throws -> [ReceivedMessage] {
        let wait = MessageWait(log: world.log, filter: filter, count: count)
        guard try await wait.value(timeout: timeout) else {
            throw NotEnoughMessages(wanted: count, received: self.count(filter))
        }
        return messages(filter)
    }

    /// Moves the run's clock: receipts come due, tokens grow old, greylisting passes.
    public func advanceClock(by duration: Duration) { world.clock.advance(by: duration) }

    /// Tells APNs what it knows of a device token: of which environment and topics it is, since when it is unregistered (milliseconds since 1970),
    /// and how many pushes a minute it takes. Nil or empty is for what every other token has.
    public func setDevice(
        _ token: String, environment: APNsEnvironment? = nil, topics: Set<String> = [], unregisteredAt: Int64? = nil, perMinute: Int? = nil
    ) {
        world.devices.set(
            token, APNsDevices.Device(environment: environment, topics: topics, unregisteredAt: unregisteredAt, perMinute: perMinute))
    }

    /// Tells Expo whose tokens these are; a request may not mix projects.
    public func assign(_ tokens: [String], toProject project: String) { world.expo.assign(tokens, to: project) }

    /// Makes every access token that FCM has given out in this run worthless.
    public func revokeAccessTokens() { universe.accessTokens.revokeAll(run: world.name) }

    /// Forgets messages, scripts, chaos, tickets, devices, topics and greylisting, puts the clock right, and restores what was revoked. Credentials and
    /// access tokens stay.
    public func reset() { universe.reset(world) }
}

/// Fewer messages came than were waited for.
public struct NotEnoughMessages: Error, CustomStringConvertible {
    public var wanted: Int
    public var received: Int

    public var description: String { "waited for \(wanted) messages, \(received) came" }
}
