import Logging
import ServiceLifecycle
import UnixSignals

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What signals do: the first SIGTERM or SIGINT stops in good order, the second one at once.
enum Signals {
    /// A peer that hangs up, or a file at its size limit, gives an error to the one call that met it, not the end of the process.
    static func ignoreFaultsOfOneCall() {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }

    static func run(_ services: ServiceGroup, logger: Logger) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            group.addTask {
                var first: ContinuousClock.Instant?
                for await signal in signals {
                    if let first {
                        // Supervisors signal the process and then its group: that is one request, not two.
                        if ContinuousClock.now - first < .milliseconds(250) { continue }
                        // What is under way stays leased in the database and is taken up again at the next start.
                        logger.warning("second signal: ending at once", metadata: ["signal": "\(signal)"])
                        _exit(128 + signal.number)
                    }
                    first = .now
                    logger.notice("stopping: no new requests, waiting for attempts under way", metadata: ["signal": "\(signal)"])
                    await services.triggerGracefulShutdown()
                }
                // The sequence ends only with its task, when the services have ended.
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}

extension UnixSignal {
    fileprivate var number: Int32 { self == .sigint ? SIGINT : SIGTERM }
}
