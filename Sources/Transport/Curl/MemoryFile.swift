internal import CLinux

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Bytes that a C library can open by a path, without a file that someone could delete or change.
final class MemoryFile: Sendable {
    private let descriptor: Int32

    var path: String { "/proc/self/fd/\(descriptor)" }

    init(_ bytes: [UInt8]) throws(TransportFailure) {
        descriptor = clinux_memfd_create("hermod")
        guard descriptor >= 0 else { throw TransportFailure(kind: .local, message: "memfd_create failed (errno \(errno))") }
        guard write(descriptor, bytes, bytes.count) == bytes.count else {
            throw TransportFailure(kind: .local, message: "writing \(bytes.count) bytes to memory failed (errno \(errno))")
        }
    }

    deinit {
        close(descriptor)
    }
}
