import Foundation
import GRDB
import Testing

@testable import SQLiteStorage

@Suite("Checkpoints")
struct CheckpointsTests {
    private static let pages = 40

    /// A writer whose log is copied as soon as it holds so many pages.
    private func withWriter(_ body: (DatabasePool, Checkpoints, _ path: String) throws -> Void) async throws {
        try await withTemporaryFolder { try open($0 + "/checkpoints.sqlite", body) }
    }

    private func open(_ path: String, _ body: (DatabasePool, Checkpoints, _ path: String) throws -> Void) throws {
        let pool = try DatabasePool(path: path)
        let checkpoints = try Checkpoints(path: path, pages: Self.pages)
        try pool.writeWithoutTransaction { db in
            checkpoints.serve(try #require(db.sqliteConnection))
            try db.execute(sql: "CREATE TABLE texts (text TEXT)")
        }
        try body(pool, checkpoints, path)
        checkpoints.close()
        try pool.close()
    }

    /// About ten pages.
    private func write(_ pool: DatabasePool) throws {
        try pool.write { try $0.execute(sql: "INSERT INTO texts VALUES (?)", arguments: [String(repeating: "x", count: 40_000)]) }
    }

    private func pagesOfLog(_ path: String) throws -> Int {
        let size = try FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int
        return try #require(size) / 4_096
    }

    @Test func `the log begins anew, however much is written`() async throws {
        try await withWriter { pool, checkpoints, path in
            for _ in 0..<60 {
                try write(pool)
                checkpoints.settle()
            }
            #expect(try pagesOfLog(path) < 3 * Self.pages)
            #expect(try pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM texts") } == 60)
        }
    }

    @Test func `a reader that stays holds up nobody, and keeps what it sees`() async throws {
        try await withWriter { pool, checkpoints, path in
            try write(pool)
            try pool.read { db in
                #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM texts") == 1)
                for _ in 0..<20 {
                    try write(pool)
                    checkpoints.settle()
                }
                #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM texts") == 1)
            }
            let grown = try pagesOfLog(path)
            for _ in 0..<20 {
                try write(pool)
                checkpoints.settle()
            }
            #expect(try pagesOfLog(path) <= grown + 20)
            #expect(try pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM texts") } == 41)
        }
    }

    @Test func `without its connection the writer copies by itself`() async throws {
        try await withWriter { pool, checkpoints, path in
            checkpoints.close()
            for _ in 0..<60 {
                try write(pool)
                checkpoints.settle()
            }
            #expect(try pagesOfLog(path) < 3 * Self.pages)
        }
    }
}
