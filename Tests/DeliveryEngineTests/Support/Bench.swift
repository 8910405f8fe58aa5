import Domain
import Foundation
import Logging
import SQLiteStorage
import Storage
import Synchronization
import Testing

@testable import DeliveryEngine

/// A real database in a folder of its own, a clock that is moved by hand, and scripted providers: what an engine needs to live in a test.
struct Bench: Sendable {
    let stores: Stores
    let faults: Faults
    let clock: HandClock
    let directory: ScriptedDirectory
    var configuration: DeliveryEngine.Configuration

    func makeEngine(providers: (any ProviderDirectory)? = nil) -> DeliveryEngine {
        DeliveryEngine(
            configuration: configuration, stores: stores, providers: providers ?? directory, credentials: directory, time: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, unit: { 0.5 })
    }

    /// Runs an engine for as long as `body` takes, then shuts it down in order.
    func withEngine<T: Sendable>(_ body: (DeliveryEngine) async throws -> T) async throws -> T {
        let engine = makeEngine()
        let life = Task { try await engine.run() }
        // The clock alarm of the sweep is set when everything else stands.
        await clock.sleeper(until: clock.now + .seconds(5))
        let result: Result<T, any Error>
        do { result = .success(try await body(engine)) } catch { result = .failure(error) }
        life.cancel()
        try await life.value
        return try result.get()
    }

    func delivery(of notification: Domain.Notification) async throws -> Delivery {
        try #require(try await stores.deliveries.deliveries(of: [notification.id], scope: .all).first)
    }
}

/// Opens a bench. `lanes` are the providers that it knows.
func withBench<T: Sendable>(
    _ lanes: [LaneKey: ScriptedProvider], adjust: (inout DeliveryEngine.Configuration) -> Void = { _ in }, _ body: (Bench) async throws -> T
) async throws -> T {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hermod-engine-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let database = try SQLiteDatabase(path: folder + "/hermod.sqlite")
    try await Migrator().migrate(database)
    let faults = Faults()
    var configuration = DeliveryEngine.Configuration()
    // Times of the engine's duties that coincide with none of the times that tests wait for: 19, 28.5 and 33 seconds.
    configuration.lease = .seconds(57)
    configuration.backlogInterval = .seconds(33)
    adjust(&configuration)
    let bench = Bench(
        stores: Stores(GroupCommit(database: FaultyDatabase(database: database, faults: faults))), faults: faults, clock: HandClock(),
        directory: ScriptedDirectory(lanes), configuration: configuration)
    let result: Result<T, any Error>
    do { result = .success(try await body(bench)) } catch { result = .failure(error) }
    await database.close()
    return try result.get()
}

/// Faults of the disk, to be switched on and off.
final class Faults: Sendable {
    private let state = Mutex<(error: StorageError?, refused: Int)>((nil, 0))
    private let refusals = AsyncStream<Void>.makeStream()

    /// From now on every write fails so; nil mends it.
    func fail(_ error: StorageError?) { state.withLock { $0.error = error } }

    /// Returns when the next write has been refused.
    func nextRefusal() async {
        for await _ in refusals.stream { return }
    }

    /// Writes wait for the latch.
    func hold() -> Latch {
        let latch = Latch()
        held.withLock { $0 = latch }
        return latch
    }

    /// Returns when a write waits.
    func nextHeld() async {
        for await _ in arrivals.stream { return }
    }

    private let held = Mutex<Latch?>(nil)
    private let arrivals = AsyncStream<Void>.makeStream()

    fileprivate func check() async throws {
        if let latch = held.withLock(\.self) {
            arrivals.continuation.yield()
            await latch.wait()
        }
        if let error = state.withLock(\.error) {
            refusals.continuation.yield()
            throw error
        }
    }
}

private struct FaultyDatabase: SQLDatabase {
    let database: SQLiteDatabase
    let faults: Faults

    var dialect: SQLDialect { database.dialect }
    func read<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T { try await database.read(body) }
    func write<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        try await faults.check()
        return try await database.write(body)
    }
    func close() async { await database.close() }
}

extension Draft {
    /// To one bare token of the org `org`.
    static func to(
        _ address: String, _ provider: ProviderName = .apns, priority: Priority = .high, collapseID: String? = nil, expiresAt: Timestamp? = nil
    ) -> Draft {
        Draft(
            id: Identifier.make(at: .start).text(prefix: "notif_"), contract: .direct, orgID: "org", recipient: .token(address, platform: .ios),
            content: Content(title: address, collapseID: collapseID, priority: priority), provider: provider, expiresAt: expiresAt)
    }
}

extension AsyncStream where Element: Sendable {
    /// The next element; fails the test when the stream has ended.
    func next() async throws -> Element {
        for await element in self { return element }
        throw CancellationError()
    }
}
