import Glibc
import UnixSignals

/// Somebody wants a run to end before its time: SIGINT, SIGTERM, or a terminal that is closed.
struct Interruption: Error, Sendable {
    let signal: UnixSignal

    private init(_ signal: UnixSignal) {
        self.signal = signal
    }

    /// What a shell says of a program that a signal has ended.
    var exitCode: Int32 { 128 + number }

    var name: String { number == SIGINT ? "SIGINT" : number == SIGHUP ? "SIGHUP" : "SIGTERM" }

    private var number: Int32 { signal == .sigint ? SIGINT : signal == .sighup ? SIGHUP : SIGTERM }

    /// Does `work`, unless a signal comes first: then it is cancelled and, when it has ended, an `Interruption` thrown in the place of whatever it makes of that.
    static func ends<T: Sendable>(_ work: @Sendable @escaping () async throws -> T) async throws -> T {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        return try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                for await signal in signals { throw Interruption(signal) }
                // The sequence ends only with its task, when the work is done.
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }
}
