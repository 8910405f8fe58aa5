import SQLiteStorage
import Storage

/// The database for as long as a closure runs, migrated, with faults in words.
enum OpenDatabase {
    /// - Parameter body: is given the database and the numbers of the migrations that were applied just now.
    static func open<T>(_ path: String, _ body: (any SQLDatabase, [Int]) async throws -> T) async throws -> T {
        let database: SQLiteDatabase
        do {
            database = try SQLiteDatabase(path: path)
        } catch let error as StorageError {
            throw fault(error, path)
        }
        let result: T
        do {
            let applied: [Int]
            do {
                applied = try await Migrator().migrate(database)
            } catch let error as StorageError {
                throw fault(error, path)
            }
            result = try await body(database, applied)
        } catch {
            await database.close()
            throw error
        }
        await database.close()
        return result
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
