import Domain
import Glibc
import SQLiteStorage
import Storage
import Synchronization

/// The gateway under proof, through all its lives.
final class GatewayLives: Sendable {
    private struct State {
        var process: ChildProcess?
        var address: String?
        var lives = 0
        var peakMemoryBytes = 0
    }

    /// Files and connections that it may have open: few enough to be used up.
    static let descriptors = 512

    private let program: String
    private let setting: Setting
    private let launch: Launcher
    private let clock: RunClock
    private let ledger: Ledger
    private let state = Mutex(State())

    init(program: String, setting: Setting, launch: Launcher, clock: RunClock, ledger: Ledger) {
        self.program = program
        self.setting = setting
        self.launch = launch
        self.clock = clock
        self.ledger = ledger
    }

    /// Where it listens; nil while it does not live.
    var address: String? { state.withLock(\.address) }
    var pid: pid_t? { state.withLock { $0.process?.pid } }
    var lives: Int { state.withLock(\.lives) }
    var peakMemoryBytes: Int { state.withLock(\.peakMemoryBytes) }

    /// Returns when it listens.
    func start() async throws {
        let process = try launch(
            "gateway", program, ["serve", "--config", setting.configuration, "--steered-clock", setting.clockFile], descriptors: Self.descriptors)
        state.withLock { state in
            state.process = process
            state.lives += 1
        }
        let address = try await process.line(within: .seconds(60)) { line in
            line.hasPrefix("listening on ") ? String(line.dropFirst("listening on ".count)) : nil
        }
        state.withLock { $0.address = address }
    }

    /// kill -9. What it had begun and not written down as done is noted: that, and nothing else, may reach a provider again.
    func kill() async throws {
        guard let process = bury() else { return }
        process.signal(SIGKILL)
        try await process.exit(within: .seconds(30))
        ledger.died(at: clock.moment, underWay: try await underWay())
    }

    /// SIGTERM. Returns when it has ended, in good order.
    func terminate() async throws {
        guard let process = bury() else { return }
        process.signal(SIGTERM)
        let code = try await process.exit(within: .seconds(60))
        guard code == 0 else {
            throw StartFault("the gateway ended with \(code) at SIGTERM", remedy: "its log is in the working folder; --keep keeps that")
        }
    }

    /// Notes the most memory that it has used, which only the living can tell.
    func measure() {
        guard let pid, let peak = Self.peakMemory(of: pid) else { return }
        state.withLock { $0.peakMemoryBytes = max($0.peakMemoryBytes, peak) }
    }

    /// Throws when it has ended by itself.
    func check() throws(StartFault) {
        guard let process = state.withLock(\.process), let code = process.ended else { return }
        throw StartFault("the gateway ended by itself, with \(code)", remedy: "its log is in the working folder; --keep keeps that")
    }

    private func bury() -> ChildProcess? {
        measure()
        return state.withLock { state in
            defer { (state.process, state.address) = (nil, nil) }
            return state.process
        }
    }

    private func underWay() async throws -> [Int] {
        let database = try SQLiteDatabase(path: setting.database, tenure: .beside)
        let titles = try await database.read { connection in
            var titles: [String] = []
            try connection.query(
                """
                SELECT notifications.title FROM deliveries JOIN notifications ON notifications.id = deliveries.notification_id
                WHERE deliveries.settled_at IS NULL AND deliveries.state = 'sending'
                """, []
            ) { titles.append($0.text(0) ?? "") }
            return titles
        }
        await database.close()
        return titles.compactMap { Cast.number(inTitle: $0) }
    }

    /// The high-water mark of resident memory (proc(5), VmHWM).
    private static func peakMemory(of pid: pid_t) -> Int? {
        guard let status = SmallFile.text("/proc/\(pid)/status"), let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
        else { return nil }
        return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }.map { $0 * 1_024 }
    }
}
