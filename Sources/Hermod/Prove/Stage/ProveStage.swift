import Domain
import Glibc
import Transport

/// Everything that a run stands on, once it stands.
struct ProveStage: Sendable {
    let plan: ProvePlan
    let folder: Folder
    let clock: RunClock
    let ledger: Ledger
    let mock: MockControl
    let setting: Setting
    let gateway: GatewayLives
    let control: GatewayControl
    let transport: HTTPTransport
    let manners: Manners
    /// API keys by org.
    let keys: [String: String]

    /// Starts mock and gateway and registers the devices of all users.
    ///
    /// - Parameter launch: starts this program, as which the gateway runs, and others.
    static func build(_ plan: ProvePlan, mockProgram: String, launch: Launcher, transport: HTTPTransport) async throws -> ProveStage {
        let folder = launch.folder
        let clock = RunClock(file: try ClockFile(path: "\(folder.path)/clock"))
        let ledger = Ledger(notifications: plan.notifications)
        let mock = try await MockControl.start(mockProgram, in: folder, launch: launch, transport: transport)
        let setting = try await Setting(folder: folder, mock: mock)
        let gateway = GatewayLives(program: launch.program, setting: setting, launch: launch, clock: clock, ledger: ledger)
        try await gateway.start()
        let control = GatewayControl(lives: gateway, transport: transport)
        let keys = try await control.makeKeys()
        for (org, key) in keys { try await control.register(Cast.users(of: org), key: key) }
        return ProveStage(
            plan: plan, folder: folder, clock: clock, ledger: ledger, mock: mock, setting: setting, gateway: gateway, control: control,
            transport: transport, manners: Manners(seed: plan.seed), keys: keys)
    }

    /// Lets time pass for mock and gateway, the mock first: nothing that the gateway signs may come from the mock's future.
    func pass(_ time: Duration) async throws {
        try await mock.call(.post, "clock", ["advance": .string("\(time.milliseconds)ms")])
        clock.pass(time)
    }

    /// Ends gateway and mock in good order.
    func close() async throws {
        try await gateway.terminate()
        mock.process.signal(SIGTERM)
        try await mock.process.exit(within: .seconds(30))
    }
}
