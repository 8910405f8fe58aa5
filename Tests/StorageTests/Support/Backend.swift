import Foundation
import SQLiteStorage
import Storage
import Testing

/// A database to run the conformance suite on. Another one joins by a case here; the tests stay as they are.
enum Backend: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case sqlite

    /// Those that this machine can run.
    static let available: [Backend] = [.sqlite]

    var testDescription: String { rawValue }
}

extension Backend {
    /// An empty, migrated database of its own for the test, gone afterwards.
    func withStores<T>(_ body: (Stores) async throws -> T) async throws -> T {
        switch self {
        case .sqlite:
            try await withTemporaryFolder { folder in
                let database = try SQLiteDatabase(path: folder + "/hermod.sqlite")
                return try await closing(database) {
                    try await Migrator().migrate(database)
                    let stores = Stores(GroupCommit(database: database))
                    let result = try await body(stores)
                    // Whatever a test has done to its rows, the lists' counts must have followed.
                    try await stores.expectExactCounts()
                    return result
                }
            }
        }
    }
}

func withTemporaryFolder<T>(_ body: (String) async throws -> T) async throws -> T {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hermod-storage-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let result: Result<T, any Error>
    do { result = .success(try await body(folder)) } catch { result = .failure(error) }
    try FileManager.default.removeItem(atPath: folder)
    return try result.get()
}

func closing<T>(_ database: any SQLDatabase, _ body: () async throws -> T) async throws -> T {
    let result: Result<T, any Error>
    do { result = .success(try await body()) } catch { result = .failure(error) }
    await database.close()
    return try result.get()
}
