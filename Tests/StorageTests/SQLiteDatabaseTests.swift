import Domain
import Foundation
import GRDB
import SQLiteStorage
import Storage
import Testing

@Suite("SQLite")
struct SQLiteDatabaseTests {
    private func withStores(busyTimeout: Duration = .seconds(5), _ body: (Stores, SQLiteDatabase, String) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/var/hermod.sqlite"
            let database = try SQLiteDatabase(path: path, busyTimeout: busyTimeout)
            try await closing(database) {
                try await Migrator().migrate(database)
                try await body(Stores(GroupCommit(database: database)), database, path)
            }
        }
    }

    private func integers(_ sql: String, _ connection: any SQLConnection) throws -> [Int64?] {
        var values: [Int64?] = []
        try connection.query(sql, []) { values.append($0.integer(0)) }
        return values
    }

    @Test func `commits are written through to the disk`() async throws {
        try await withStores { _, database, _ in
            let synchronous = try await database.write { try integers("PRAGMA synchronous", $0) }
            #expect(synchronous == [2])
            let mode = try await database.write { connection in
                var mode: String?
                try connection.query("PRAGMA journal_mode", []) { mode = $0.text(0) }
                return mode
            }
            #expect(mode == "wal")
        }
    }

    @Test func `nobody but the owner may read the files`() async throws {
        try await withStores { stores, _, path in
            try await stores.queue.insert([newNotification()], lease: .ours)
            for (name, mode) in [(path, 0o600), (path + "-wal", 0o600), (path + "-shm", 0o600), (path + ".lock", 0o600)] {
                let attributes = try FileManager.default.attributesOfItem(atPath: name)
                #expect(attributes[.posixPermissions] as? Int == mode, "\(name)")
            }
            let folder = try FileManager.default.attributesOfItem(atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path)
            #expect(folder[.posixPermissions] as? Int == 0o700)
        }
    }

    @Test func `what was written is there when the file is opened again`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/hermod.sqlite"
            let new = newNotification()
            let first = try SQLiteDatabase(path: path)
            try await closing(first) {
                try await Migrator().migrate(first)
                try await Stores(GroupCommit(database: first)).queue.insert([new], lease: .ours)
            }
            await first.close()
            let second = try SQLiteDatabase(path: path)
            try await closing(second) {
                #expect(try await Migrator().migrate(second) == [])
                let stored = try await Stores(GroupCommit(database: second)).notifications.get(new.notification.id, scope: .all)
                #expect(stored == new.notification)
            }
        }
    }

    @Test func `a second gateway on the same file is turned away at once, by a link to it too, until the first has gone`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/hermod.sqlite"
            let link = folder + "/link.sqlite"
            let first = try SQLiteDatabase(path: path)
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
            for other in [path, link] {
                #expect {
                    try SQLiteDatabase(path: other)
                } throws: { error in
                    guard case .locked(let message) = error as? StorageError else { return false }
                    return message.contains("/hermod.sqlite") && message.contains("\(ProcessInfo.processInfo.processIdentifier)")
                }
            }
            await first.close()
            let second = try SQLiteDatabase(path: path)
            await second.close()
        }
    }

    @Test func `a file that is no database, and a path that is a folder, are named`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/notes.txt"
            try Data(String(repeating: "no database at all. ", count: 100).utf8).write(to: URL(fileURLWithPath: path))
            for wrong in [path, folder] {
                #expect {
                    try SQLiteDatabase(path: wrong)
                } throws: { error in
                    guard case .unavailable(let message) = error as? StorageError else { return false }
                    return message.contains(wrong)
                }
            }
        }
    }

    @Test func `a full disk is told as such and leaves nothing half-written`() async throws {
        try await withStores { stores, database, path in
            let limit = try await database.write { connection in
                let pages = try integers("PRAGMA page_count", connection)[0] ?? 0
                return try integers("PRAGMA max_page_count = \(pages + 4)", connection)[0] ?? 0
            }
            let body = String(repeating: "x", count: 4_000)
            let big = (0..<20).map { _ in newNotification(content: Content(body: body)) }
            await #expect {
                try await stores.queue.insert(big, lease: .ours)
            } throws: { error in
                guard case .diskFull(let message) = error as? StorageError else { return false }
                return message.contains(path)
            }
            let none = try await stores.notifications.list(NotificationFilter(), page: Page(), scope: .all)
            #expect(none.total == 0)
            let pages = try await database.read { try integers("PRAGMA page_count", $0)[0] ?? 0 }
            #expect(pages <= limit)
            #expect(try await stores.queue.backlog().isEmpty)
            // What fits is still taken, and all of it once there is room again.
            try await stores.queue.insert([newNotification()], lease: .ours)
            _ = try await database.write { try integers("PRAGMA max_page_count = 1000000", $0) }
            try await stores.queue.insert(big, lease: .ours)
            let all = try await stores.notifications.list(NotificationFilter(), page: Page(), scope: .all)
            #expect(all.total == 21)
        }
    }

    @Test func `a file that something else holds is told as locked after the busy timeout, and works again afterwards`() async throws {
        try await withStores(busyTimeout: .milliseconds(50)) { stores, _, path in
            var configuration = Configuration()
            configuration.allowsUnsafeTransactions = true
            let shell = try DatabaseQueue(path: path, configuration: configuration)
            try await shell.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
            let new = newNotification()
            await #expect {
                try await stores.queue.insert([new], lease: .ours)
            } throws: { error in
                guard case .locked(let message) = error as? StorageError else { return false }
                return message.contains(path)
            }
            // Reading goes on meanwhile.
            #expect(try await stores.notifications.get(new.notification.id, scope: .all) == nil)
            try await shell.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
            try await stores.queue.insert([new], lease: .ours)
            #expect(try await stores.notifications.get(new.notification.id, scope: .all) != nil)
            try shell.close()
        }
    }

    @Test func `values come back as they were bound: NULL, empty, zero and long are different things`() async throws {
        try await withStores { _, database, _ in
            let long = String(repeating: "ü", count: 10_000)
            try await database.write { connection in
                try connection.run("CREATE TABLE sample (a BIGINT, b TEXT, c TEXT, d TEXT, e BIGINT)", [])
                try connection.run("INSERT INTO sample VALUES (?, ?, ?, ?, ?)", [.null, .null, .text(""), .text(long), .integer(.min)])
            }
            try await database.read { connection in
                var rows = 0
                try connection.query("SELECT a, b, c, d, e FROM sample", []) { row in
                    rows += 1
                    #expect(row.integer(0) == nil)
                    #expect(row.text(1) == nil)
                    #expect(row.text(2)?.isEmpty == true)
                    #expect(row.text(3) == long)
                    #expect(row.integer(4) == .min)
                }
                #expect(rows == 1)
            }
        }
    }

    @Test func `a wrong statement or number of values is our fault and names the statement`() async throws {
        try await withStores { _, database, _ in
            for (sql, arguments) in [("SELECT nothing FROM nowhere", []), ("SELECT ?", [SQLValue.integer(1), .integer(2)])] {
                await #expect {
                    try await database.read { try $0.query(sql, arguments) { _ in } }
                } throws: { error in
                    guard case .statement(let message) = error as? StorageError else { return false }
                    return message.contains(sql)
                }
            }
        }
    }

    @Test func `a reader cannot write`() async throws {
        try await withStores { _, database, _ in
            await #expect(throws: StorageError.self) {
                try await database.read { connection in _ = try connection.run("DELETE FROM notifications", []) }
            }
        }
    }

    @Test func `a read sees one state, whatever is committed meanwhile`() async throws {
        try await withStores { stores, database, _ in
            try await stores.queue.insert([newNotification()], lease: .ours)
            let (started, signal) = AsyncStream<Void>.makeStream()
            let gate = DispatchSemaphore(value: 0)
            async let counts = database.read { connection in
                let first = try integers("SELECT count(*) FROM notifications", connection)
                signal.yield()
                gate.wait()
                return first + (try integers("SELECT count(*) FROM notifications", connection))
            }
            for await _ in started { break }
            try await stores.queue.insert([newNotification()], lease: .ours)
            gate.signal()
            #expect(try await counts == [1, 1])
        }
    }
}
