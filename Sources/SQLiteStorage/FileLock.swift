import Storage

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// An advisory lock on a file of its own, held while the value lives; the system drops it when the process ends, however it ends.
///
/// Not on the database file itself: closing any descriptor of that would drop SQLite's own POSIX locks (sqlite.org/howtocorrupt.html, section 2.2).
struct FileLock: ~Copyable {
    private let descriptor: CInt

    /// - Parameter database: the file that the lock stands for, as named in messages.
    init(path: String, protecting database: String) throws(StorageError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .unavailable("cannot open the lock file \(path): \(String(cString: strerror(errno))). Check the rights of its folder")
        }
        // From here on the value is whole, and throwing ends it by its deinit: closing here too would close whatever got that number since.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = Self.holder(descriptor)
            throw .locked(
                "the database \(database) is in use by another gateway\(holder). Stop that one, or give this one a file of its own (database.url)")
        }
        let text = "\(getpid())\n"
        _ = ftruncate(descriptor, 0)
        _ = text.withCString { pwrite(descriptor, $0, text.utf8.count, 0) }
    }

    deinit {
        // Closing alone would leave the lock with a child that has been forked and not yet become another program: it has the descriptor too.
        _ = flock(descriptor, LOCK_UN)
        _ = close(descriptor)
    }

    /// The process id that the holder has left in the file, as a help for whoever reads the message.
    private static func holder(_ descriptor: CInt) -> String {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0, let process = Int(String(decoding: bytes.prefix(count).prefix { $0 != 0x0A }, as: UTF8.self)) else { return "" }
        return " (process \(process))"
    }
}
