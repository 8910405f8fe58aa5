import DeliveryEngine
import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import SQLiteStorage
import Storage
import Synchronization
import Testing
import Vault

@testable import API

/// A whole gateway on a database of its own, with a provider that does as it is told.
struct World: Sendable {
    let provider: ScriptedProvider
    let stores: Stores
    let database: FailingDatabase
    let engine: DeliveryEngine
    let client: any TestClientProtocol
    let log: LogLines
    /// What every answer is held against.
    let document: APIDocument
    let routes: [RouteTable.Route]
    let book: CredentialBook
    let verifier: TestVerifier
    let alarms: TestAlarms
}

/// What is said to be wrong with credentials.
final class TestAlarms: Sendable {
    private let state = Mutex<[CredentialAlarm]>([])

    var all: [CredentialAlarm] { state.withLock { $0 } }

    func raise(_ alarm: CredentialAlarm) { state.withLock { $0.append(alarm) } }
}

/// - Parameter orgFiles: with these by name, the org files and the database say who has which credentials, and nobody has those of `credentials`.
/// - Parameter masterKey: what `vault.master_key` leads to; nil: nothing.
/// - Parameter setup: `.router` runs what stands behind the socket, `.live` a real server on a free port.
func withWorld(
    _ setup: TestingSetup = .router, syncWait: Duration = .seconds(10), isOpen: Bool = true, credentials: TestCredentials = TestCredentials(),
    configurationFaults: [String] = [], isServing: Bool = true, host: String = "127.0.0.1", metricsToken: String? = nil,
    standing: CredentialStanding = CredentialStanding(), tokens: TokenVerifier? = nil, orgFiles: [String: String]? = nil,
    masterKey: String? = testMasterKey, time: any TimeSource = SystemTime(), _ test: @Sendable (World) async throws -> Void
) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "hermod-api-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let database = FailingDatabase(try SQLiteDatabase(path: folder.appending(path: "test.sqlite").path))
    try await Migrator().migrate(database)
    let stores = Stores(GroupCommit(database: database))
    let provider = ScriptedProvider()
    let log = LogLines()
    let logger = log.logger
    for (name, text) in orgFiles ?? [:] { try text.write(toFile: folder.appending(path: name).path, atomically: true, encoding: .utf8) }
    let keys = try MasterKeySource(reference: "env:KEY", environment: masterKey.map { ["KEY": $0] } ?? [:])
    let book = CredentialBook(
        files: OrgFiles(folder: folder.path, environment: [:], logger: logger), store: stores.credentials, masterKeys: keys,
        inspector: TestInspector(),
        time: time, logger: logger)
    try await book.refresh()
    let directory: any CredentialDirectory = orgFiles == nil ? credentials : book
    let engine = DeliveryEngine(
        configuration: .init(), stores: stores, providers: provider, credentials: directory, time: SystemTime(), logger: logger)
    var configuration = Gateway.Configuration()
    configuration.syncWait = syncWait
    configuration.isOpen = isOpen
    configuration.host = host
    configuration.metricsToken = metricsToken.map { Secret($0) }
    let readings = Readings()
    let verifier = TestVerifier()
    let alarms = TestAlarms()
    var gateway = Gateway(
        configuration: configuration, engine: engine, stores: stores, credentials: directory,
        desk: CredentialDesk(book: book, inspector: TestInspector(), verifier: verifier, alarms: { alarms.all }), tokens: tokens,
        configurationFaults: { configurationFaults }, standing: standing, time: time, logger: logger)
    gateway.readings = readings
    let document = APIDocument.of(gateway, isOpen: isOpen)
    let routes = gateway.routes
    try await withThrowingTaskGroup(of: Void.self) { group in
        if isServing {
            group.addTask { try? await engine.run() }
            try await until("the engine serves") { engine.isReady }
        }
        try await gateway.application { _ in }.test(setup) { client in
            try await test(
                World(
                    provider: provider, stores: stores, database: database, engine: engine, client: client, log: log, document: document,
                    routes: routes, book: book, verifier: verifier, alarms: alarms))
        }
        provider.release()
        group.cancelAll()
    }
    await database.close()
    // What a handler reads, /openapi.json has to know.
    #expect(document.unknown(readings.all) == [])
}

/// Returns when `condition` holds; gives up, with a message, when that takes far longer than it ever should.
func until(_ what: String, _ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(20)
    while try await !condition() {
        guard ContinuousClock.now < end else { throw GaveUp(what: what) }
        await Task.yield()
    }
}

struct GaveUp: Error, CustomStringConvertible {
    var what: String
    var description: String { "gave up waiting until \(what)" }
}

/// An answer with its body read: what is no JSON is a string.
struct Reply: Sendable {
    let status: Int
    let headers: HTTPFields
    let json: JSON

    init(_ response: TestResponse) throws {
        status = response.status.code
        headers = response.headers
        let bytes = response.body.readableBytesView
        let isText = headers[.contentType].map { !$0.hasPrefix("application/json") && !$0.hasPrefix("application/problem+json") } ?? false
        json = isText ? .string(String(buffer: response.body)) : bytes.isEmpty ? .null : try JSON(parsing: bytes)
    }

    /// The body as it was sent, more or less.
    var text: String { json.string ?? json.text }

    var errors: [String] { json["errors"]?.array?.compactMap { $0["pointer"]?.string } ?? [] }
}

extension World {
    func call(_ method: HTTPRequest.Method, _ path: String, _ body: JSON? = nil, headers: HTTPFields = [:]) async throws -> Reply {
        try await call(method, path, text: body?.text, headers: headers)
    }

    func call(_ method: HTTPRequest.Method, _ path: String, text: String?, headers: HTTPFields = [:]) async throws -> Reply {
        var headers = headers
        if text != nil, !headers.contains(.contentType) { headers[.contentType] = "application/json" }
        let body = text.map { ByteBuffer(string: $0) }
        let reply = try Reply(try await client.executeRequest(uri: path, method: method, headers: headers, body: body))
        // And what it answers, too.
        #expect(document.faults(reply, to: method, path) == [], "\(method) \(path) answered \(reply.status) \(reply.json.text.prefix(2_000))")
        return reply
    }

    /// Registers a device.
    func register(_ token: String, of user: String, platform: Platform = .android) async throws {
        _ = try await stores.tokens.register(
            DeviceToken(
                id: Identifier.make(at: SystemTime().now).text(prefix: DeviceToken.idPrefix), orgID: "org_default", userID: user, token: token,
                platform: platform, provider: .fcm, registeredAt: SystemTime().now))
    }
}
