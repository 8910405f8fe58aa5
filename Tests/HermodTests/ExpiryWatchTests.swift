import Domain
import Foundation
import Logging
import SQLiteStorage
import Storage
import Synchronization
import Testing

@testable import Hermod

@Suite struct ExpiryWatchTests {
    private final class Clock: TimeSource {
        private let moment = Mutex(Timestamp(seconds: 1_774_512_000))
        var now: Timestamp { moment.withLock(\.self) }
        func advance(_ duration: Duration) { moment.withLock { $0 = $0 + duration } }
        func sleep(until deadline: Timestamp) async throws { throw CancellationError() }
    }

    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock(\.self) }
        var logger: Logger { Logger(label: "test") { [self] _ in Handler(lines: self) } }

        private struct Handler: LogHandler {
            let lines: Lines
            var metadata: Logger.Metadata = [:]
            var logLevel = Logger.Level.trace
            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }
            func log(event: LogEvent) { lines.lines.withLock { $0.append("\(event.level) \(event.message) \(event.metadata?["lane"] ?? "")") } }
        }
    }

    private let lane = LaneKey(orgID: "o", provider: .apns, credential: "main")
    private let ended = LaneKey(orgID: "o", provider: .apns, credential: "old")

    @Test func `each credential is told once a day, however often gateways start`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hermod-expiry-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let database = try SQLiteDatabase(path: folder + "/hermod.sqlite")
        try await Migrator().migrate(database)
        let stores = Stores(GroupCommit(database: database))
        let (clock, lines) = (Clock(), Lines())
        let alarms = Mutex([
            CredentialAlarm(lane: lane, kind: .expiring, message: "ends in 30 days"),
            CredentialAlarm(lane: ended, kind: .expired, message: "has ended"),
            CredentialAlarm(lane: lane, kind: .fallback, message: "is told elsewhere"),
        ])
        func watch() -> ExpiryWatch {
            ExpiryWatch(alarms: { _ in alarms.withLock(\.self) }, notices: stores.notices, time: clock, logger: lines.logger)
        }
        let told = ["warning credential expires soon o/apns/main", "error credential has expired o/apns/old"]
        await watch().run()
        #expect(lines.all == told)
        for _ in 0..<5 { await watch().run() }
        clock.advance(.seconds(86_399))
        await watch().tell()
        #expect(lines.all == told)
        clock.advance(.seconds(1))
        await watch().tell()
        #expect(lines.all == told + told)

        // What ends today was told as ending; that it has ended is news.
        alarms.withLock { $0 = [CredentialAlarm(lane: lane, kind: .expired, message: "has ended")] }
        await watch().tell()
        #expect(lines.all.last == "error credential has expired o/apns/main" && lines.all.count == 5)
        await database.close()
    }
}
