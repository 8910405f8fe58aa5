import Foundation

/// Files that hold keys: readable by their owner only, and never half-written.
enum SecretFile {
    static func write(_ text: String, to file: URL, isPublic: Bool = false) throws {
        try write(Array(text.utf8), to: file, isPublic: isPublic)
    }

    static func write(_ bytes: [UInt8], to file: URL, isPublic: Bool = false) throws {
        do {
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: file, options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: isPublic ? 0o644 : 0o600], ofItemAtPath: file.path)
        } catch {
            throw SetUpFault("can't write \(file.path): \(error.localizedDescription). Check the directory's permissions, or name another place.")
        }
    }
}

/// Why the mock can't start, and what to do about it.
public struct SetUpFault: Error, Sendable, CustomStringConvertible {
    public var description: String

    init(_ description: String) { self.description = description }
}
