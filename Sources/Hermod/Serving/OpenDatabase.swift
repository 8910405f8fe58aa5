import SQLiteStorage
import Storage

/// The database for as long as a closure runs, migrated, with faults in words.
enum OpenDatabase {
    /// As a gateway has it: nobody else does.
    ///
    /// - Parameter body: is given the database and the numbers of the migrations that were applied just now.
    static func open<T>(_ path: String, _ body: (any SQLDatabase, [Int]) async throws -> T) async throws -> T {
        try await with(path, .alone) { database in
            let applied = try await told(path) { try await Migrator().migrate(database) }
            return try await body(database, applied)
        }
    }

    /// For a command that works on the rows, whether a gateway runs or not. Migrates where that is needed and no gateway runs.
    static func beside<T>(_ path: String, _ body: (any SQLDatabase) async throws -> T) async throws -> T {
        let migrator = Migrator()
        let version = try await with(path, .beside) { database in try await told(path) { try await migrator.version(of: database) } }
        guard version <= migrator.newest else {
            throw StartFault(
                "the database \(path) has schema \(version), and this program knows \(migrator.newest)",
                remedy: "use the newer hermod that has written it")
        }
        // The lock is held while the schema changes and no longer: a gateway that starts meanwhile must not be turned away by a command.
        if version < migrator.newest { try await migrate(path, from: version, to: migrator.newest) }
        return try await with(path, .beside, body)
    }

    private static func migrate(_ path: String, from version: Int, to newest: Int) async throws {
        do {
            let database = try SQLiteDatabase(path: path)
            do {
                try await Migrator().migrate(database)
            } catch {
                await database.close()
                throw error
            }
            await database.close()
        } catch StorageError.locked(let reason) {
            throw StartFault(
                "the database \(path) has schema \(version), this program needs \(newest), and it may not change it now: \(reason)",
                remedy: "stop that gateway and start this version of it, or use the hermod that it was started with")
        } catch let error as StorageError {
            throw fault(error, path)
        }
    }

    private static func with<T>(_ path: String, _ tenure: SQLiteDatabase.Tenure, _ body: (any SQLDatabase) async throws -> T) async throws -> T {
        let database: SQLiteDatabase
        do {
            database = try SQLiteDatabase(path: path, tenure: tenure)
        } catch let error as StorageError {
            throw fault(error, path)
        }
        let result: T
        do {
            result = try await body(database)
        } catch {
            await database.close()
            throw error
        }
        await database.close()
        return result
    }

    /// The schema's own faults in words; those of `body` are its caller's.
    private static func told<T>(_ path: String, _ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as StorageError {
            throw fault(error, path)
        }
    }

    /// The database's own words name the file and the remedy already, but for faults of ours.
    private static func fault(_ error: StorageError, _ path: String) -> StartFault {
        switch error {
        case .diskFull(let text), .locked(let text), .unavailable(let text): StartFault(text)
        case .overloaded: StartFault("the database \(path) does not keep up", remedy: "start again")
        case .statement(let text): StartFault("the database \(path) can't be brought to the newest schema: \(text)")
        }
    }
}
