import Domain
import Logging
import ServiceLifecycle
import Storage

/// Says in the log which credentials end soon or have ended: each once a day, however often gateways start.
struct ExpiryWatch: Service {
    /// Often enough that nothing is told much later than a day after the last time.
    static let look: Duration = .seconds(3_600)
    static let day: Duration = .seconds(86_400)

    /// What needs a person; of other kinds than expiry as well.
    let alarms: @Sendable (Timestamp) -> [CredentialAlarm]
    let notices: NoticeStore
    let time: any TimeSource
    let logger: Logger

    func run() async {
        await cancelWhenGracefulShutdown {
            repeat { await tell() } while (try? await time.sleep(for: Self.look)) != nil
        }
    }

    /// Also to be called when credentials have changed: a new one may end tomorrow.
    func tell() async {
        let now = time.now
        let ending = alarms(now).filter { $0.kind == .expiring || $0.kind == .expired }
        do {
            let due = try await notices.claim(ending.map(Self.name), every: Self.day, now: now)
            for alarm in ending where due.contains(Self.name(alarm)) {
                logger.log(
                    level: alarm.kind == .expired ? .error : .warning,
                    alarm.kind == .expired ? "credential has expired" : "credential expires soon",
                    metadata: ["lane": "\(alarm.lane)", "fault": "\(alarm.message)"])
            }
        } catch {
            // The next look comes within the hour.
            logger.warning("expiry not looked at", metadata: ["error": "\(error)"])
        }
    }

    private static func name(_ alarm: CredentialAlarm) -> String { "\(alarm.kind.rawValue) \(alarm.lane)" }
}
