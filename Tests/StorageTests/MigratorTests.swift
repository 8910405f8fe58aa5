import SQLiteStorage
import Testing

@testable import Storage

@Suite("Migrations")
struct MigratorTests {
    private func withDatabase(_ body: (SQLiteDatabase) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let database = try SQLiteDatabase(path: folder + "/hermod.sqlite")
            try await closing(database) { try await body(database) }
        }
    }

    @Test func `an empty database gets every migration once`() async throws {
        try await withDatabase { database in
            let first = try await Migrator().migrate(database)
            #expect(first == Migration.all.map(\.number))
            let second = try await Migrator().migrate(database)
            #expect(second == [])
        }
    }

    @Test func `a migration that fails leaves nothing, and those before it stay`() async throws {
        try await withDatabase { database in
            let good = Migration(number: 1, name: "good") { _ in ["CREATE TABLE a (x BIGINT)"] }
            let bad = Migration(number: 2, name: "bad") { _ in ["CREATE TABLE b (x BIGINT)", "NO SQL"] }
            await #expect(throws: StorageError.self) { try await Migrator([good, bad]).migrate(database) }
            let tables = try await database.read { connection in
                var tables: [String] = []
                try connection.query("SELECT name FROM sqlite_master WHERE name IN ('a', 'b')", []) { tables.append($0.text(0) ?? "") }
                return tables
            }
            #expect(tables == ["a"])
            let mended = Migration(number: 2, name: "mended") { _ in ["CREATE TABLE b (x BIGINT)"] }
            let applied = try await Migrator([good, mended]).migrate(database)
            #expect(applied == [2])
        }
    }

    @Test func `a schema newer than the program is refused untouched`() async throws {
        try await withDatabase { database in
            try await Migrator().migrate(database)
            let older = Migrator(Array(Migration.all.dropLast()))
            await #expect {
                try await older.migrate(database)
            } throws: { error in
                guard case .unavailable(let message) = error as? StorageError else { return false }
                return message.contains("\(Migration.all.count)")
            }
        }
    }

    @Test func `the schema that a database has is known, and that of an empty one is none`() async throws {
        try await withDatabase { database in
            #expect(try await Migrator().version(of: database) == 0)
            try await Migrator([Migration.notifications]).migrate(database)
            #expect(try await Migrator().version(of: database) == 1)
            try await Migrator().migrate(database)
            #expect(try await Migrator().version(of: database) == Migrator().newest)
        }
    }
}
