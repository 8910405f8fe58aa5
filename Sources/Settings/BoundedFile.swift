#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Reads small files whole, and says in words why one can't be read.
public enum BoundedFile {
    public struct Unreadable: Error, Sendable, Hashable, CustomStringConvertible {
        public var path: String
        public var reason: String
        public var description: String { "\(path): \(reason)" }
    }

    /// - Parameter limit: a file above that many bytes is refused rather than read: a setting that names the wrong file must not fill the memory.
    public static func read(_ path: String, limit: Int = 1 << 20) throws(Unreadable) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw Unreadable(path: path, reason: reason(errno)) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw Unreadable(path: path, reason: reason(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Unreadable(path: path, reason: "is no plain file") }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = systemRead(file, &chunk)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Unreadable(path: path, reason: reason(errno)) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { throw Unreadable(path: path, reason: "is larger than \(SettingsText.size(limit))") }
        }
    }

    /// As `read`, for text; refuses what is not UTF-8.
    public static func text(_ path: String, limit: Int = 1 << 20) throws(Unreadable) -> String {
        guard let text = String(validating: try read(path, limit: limit), as: UTF8.self) else {
            throw Unreadable(path: path, reason: "is not UTF-8 text")
        }
        return text
    }

    private static func systemRead(_ file: Int32, _ chunk: inout [UInt8]) -> Int {
        chunk.withUnsafeMutableBytes { buffer in
            #if canImport(Glibc)
            Glibc.read(file, buffer.baseAddress, buffer.count)
            #else
            Darwin.read(file, buffer.baseAddress, buffer.count)
            #endif
        }
    }

    private static func reason(_ code: Int32) -> String {
        switch code {
        case ENOENT: "there is no such file"
        case EACCES, EPERM: "may not be read by this user"
        default: String(cString: strerror(code))
        }
    }
}
