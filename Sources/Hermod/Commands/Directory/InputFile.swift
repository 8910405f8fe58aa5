#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A file, or standard input, read from beginning to end a piece at a time.
struct InputFile: ~Copyable {
    private let descriptor: Int32
    private let name: String
    /// Nil of what is no plain file.
    let size: Int?

    /// - Parameter path: `-` is standard input.
    init(_ path: String) throws(StartFault) {
        name = path == "-" ? "standard input" : path
        descriptor = path == "-" ? 0 : open(path, O_RDONLY)
        guard descriptor >= 0 else { throw StartFault("\(path) can't be read: \(String(cString: strerror(errno)))") }
        var status = stat()
        let isPlain = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        size = isPlain ? Int(status.st_size) : nil
    }

    deinit {
        if descriptor > 0 { close(descriptor) }
    }

    /// At most `count` bytes; none at the end.
    func read(_ count: Int) throws(StartFault) -> [UInt8] {
        var outcome = 0
        var fault: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            repeat {
                outcome = systemRead(descriptor, buffer.baseAddress, count)
                fault = errno
            } while outcome < 0 && fault == EINTR
            filled = max(0, outcome)
        }
        guard outcome >= 0 else { throw StartFault("\(name) can't be read: \(String(cString: strerror(fault)))") }
        return bytes
    }
}

private func systemRead(_ descriptor: Int32, _ start: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    #if canImport(Glibc)
    Glibc.read(descriptor, start, count)
    #else
    Darwin.read(descriptor, start, count)
    #endif
}
