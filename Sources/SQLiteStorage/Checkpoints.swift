import Dispatch
import GRDBSQLite
import Storage
import Synchronization

/// Copies the write-ahead log into the database file beside the writer instead of in its way.
///
/// SQLite lets the commit that makes the log too long copy all of it, for some tens of milliseconds, and whoever writes next waits. Here a connection of its own
/// copies while the writer goes on (sqlite.org/wal.html, "Checkpointing"). The log can only begin anew when all of it has been copied, and under load the writer
/// is always a little ahead; so when little is left, the writer copies that at its next commit.
///
/// Unchecked: the connection belongs to the queue, the phase to the mutex.
final class Checkpoints: @unchecked Sendable {
    /// Pages in the log before it is copied: the more, the more often a page that changes again and again is copied only once.
    static let pages = 8_000

    private enum Phase {
        case idle
        case copying
        /// The writer's turn.
        case finishing
    }

    private let pages: Int
    private let phase = Mutex(Phase.idle)
    private let queue = DispatchQueue(label: "hermod.checkpoints")
    /// Nil when it has been given back.
    private var connection: OpaquePointer?

    /// - Parameter path: a database in WAL mode.
    init(path: String, pages: Int = Checkpoints.pages) throws {
        self.pages = pages
        var code = sqlite3_open_v2(path, &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
        // A connection that has not read yet does not know of the log.
        if code == SQLITE_OK { code = sqlite3_exec(connection, "SELECT count(*) FROM sqlite_master", nil, nil, nil) }
        guard code == SQLITE_OK else {
            // The value is whole by now: throwing ends it by its deinit.
            throw SQLiteFault(path: path).storageError(code: code, message: String(cString: sqlite3_errstr(code)), sql: nil)
        }
    }

    deinit {
        sqlite3_close_v2(connection)
    }

    /// Takes the place of the writer's own checkpoints. This object has to outlive the writer's last commit.
    func serve(_ writer: OpaquePointer) {
        sqlite3_wal_hook(
            writer,
            { context, writer, _, pages in
                Unmanaged<Checkpoints>.fromOpaque(context!).takeUnretainedValue().committed(by: writer!, pages: Int(pages))
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// The log holds so many pages now.
    private func committed(by writer: OpaquePointer, pages: Int) {
        let before = phase.withLock { phase in
            let before = phase
            switch phase {
            case .idle: if pages >= self.pages { phase = .copying }
            case .copying: break
            case .finishing: phase = .idle
            }
            return before
        }
        switch before {
        case .idle: if pages >= self.pages { queue.async { self.copy() } }
        case .copying: break
        // Passive: copies what nobody still reads, and waits for nobody. What it can't copy now is copied the next time.
        case .finishing: sqlite3_wal_checkpoint_v2(writer, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
        }
    }

    /// Each pass leaves what has been written while it ran, a fraction of what it copied. Where that does not become few, a reader holds on to old pages, or
    /// the disk is slow; the writer takes over then, as it would without us.
    private func copy() {
        var copied: CInt = 0
        for _ in 0..<4 where connection != nil {
            let before = copied
            guard sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_PASSIVE, nil, &copied) == SQLITE_OK else { break }
            // So few the writer copies in about a millisecond.
            if Int(copied - before) <= pages / 16 { break }
        }
        phase.withLock { $0 = .finishing }
    }

    /// Returns when no copying is under way.
    func settle() {
        queue.sync {}
    }

    /// From now on the writer copies by itself. Safe to call twice.
    func close() {
        queue.sync {
            sqlite3_close_v2(connection)
            connection = nil
        }
    }
}
