import Foundation
import Storage

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A file that nobody but its owner may read.
enum PrivateFile {
    /// Makes the file (0600) and its folder (0700) where they are missing.
    ///
    /// SQLite would create the file with the umask's rights, for all to read; its `-wal` and `-shm` take after it.
    /// - Returns: the file's real path, so that a symbolic link to it meets the same lock.
    static func create(at path: String) throws(StorageError) -> String {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .unavailable("cannot create the folder \(folder.path) for the database: \(error.localizedDescription)")
        }
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw .unavailable("cannot open the database file \(path): \(reason). Check that the path names a file that this user may write")
        }
        _ = close(descriptor)
        guard let real = realpath(path, nil) else {
            throw .unavailable("cannot resolve the path of the database file \(path): \(String(cString: strerror(errno)))")
        }
        defer { free(real) }
        return String(cString: real)
    }
}
