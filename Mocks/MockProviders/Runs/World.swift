/// One test run: what was received in it, what is to go wrong in it, and what time it is there.
///
/// Everything that one request changes lies in a world, so runs that are named differently never meet.
final class World: Sendable {
    /// Empty for the run of those who name none.
    let name: String
    let configuration: MockConfiguration
    let clock: VirtualClock
    let log: MessageLog
    let scripts = ScriptBook()
    let expo = ExpoState()
    let fcm = FCMState()
    let greylist = Greylist()
    let devices = APNsDevices()

    init(name: String, configuration: MockConfiguration, clock: MockClock, payloadBudget: Int) {
        self.name = name
        self.configuration = configuration
        self.clock = VirtualClock(clock)
        log = MessageLog(retention: configuration.retention, payloadBudget: payloadBudget)
    }

    /// Forgets what was received, scripted, subscribed and told about devices, and puts the clock right. Credentials and access tokens stay.
    func reset() {
        log.removeAll()
        scripts.removeAll()
        expo.removeAll()
        fcm.removeAll()
        greylist.removeAll()
        devices.removeAll()
        clock.reset()
    }
}
