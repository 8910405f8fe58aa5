/// Brings a database to the newest schema, one numbered step after the other, each in a transaction of its own.
/// Refuses a database whose schema is newer than this program knows.
public struct Migrator: Sendable {
    private let migrations: [Migration]

    public init() {
        self.init(Migration.all)
    }

    /// - Parameter migrations: in the order of their numbers, from 1.
    init(_ migrations: [Migration]) {
        precondition(migrations.map(\.number) == Array(1..<(migrations.count + 1)), "migrations are numbered from 1 without gaps")
        self.migrations = migrations
    }

    /// - Returns: the numbers of the migrations that were applied.
    @discardableResult
    public func migrate(_ database: any SQLDatabase) async throws -> [Int] {
        let current = try await version(of: database)
        guard current <= migrations.count else {
            throw StorageError.unavailable(
                "the database has schema \(current), and this program knows \(migrations.count): run the newer program that has written it")
        }
        var applied: [Int] = []
        for migration in migrations.dropFirst(current) {
            let wasApplied = try await database.write { connection in
                // Another gateway on the same server may have been faster.
                guard try Self.version(connection) < migration.number else { return false }
                for statement in migration.statements(database.dialect) { try connection.run(statement, []) }
                try connection.run(
                    "INSERT INTO schema_migrations (number, name) VALUES (?, ?)", [.integer(Int64(migration.number)), .text(migration.name)])
                return true
            }
            if wasApplied { applied.append(migration.number) }
        }
        // What other programs have written meanwhile, or stood there before anything was counted, may be millions of rows: in pieces.
        let fold = ListFold(dialect: database.dialect)
        if migrations.count >= Migration.listCounts.number {
            while try await database.write({ connection in try fold.runIfDue(connection) }) {}
        }
        return applied
    }

    /// The schema that this program works with.
    public var newest: Int { migrations.count }

    /// The schema that the database has; 0 for an empty one.
    public func version(of database: any SQLDatabase) async throws -> Int {
        try await database.write { connection in
            try connection.run("CREATE TABLE IF NOT EXISTS schema_migrations (number BIGINT PRIMARY KEY, name TEXT NOT NULL)", [])
            return try Self.version(connection)
        }
    }

    private static func version(_ connection: any SQLConnection) throws -> Int {
        var version = 0
        try connection.query("SELECT coalesce(max(number), 0) FROM schema_migrations", []) { version = $0.count(0) }
        return version
    }
}
