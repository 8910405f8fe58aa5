/// Gathers pending writes into one transaction; while it commits, the next gathers.
///
/// Each operation of a group stands or falls alone: when one throws, the group is undone and its operations run one by one.
public final class GroupCommit: Sendable {
    public let database: any SQLDatabase

    /// - Parameter maxGroup: operations in one transaction at most.
    /// - Parameter maxWaiting: operations that may wait; beyond that `StorageError.overloaded`.
    public init(database: any SQLDatabase, maxGroup: Int = 500, maxWaiting: Int = 20_000) {
        self.database = database
    }

    /// Runs `operation` in a transaction shared with others; returns when that is on disk.
    public func write<T: Sendable>(_ operation: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        fatalError("to be built")
    }
}
