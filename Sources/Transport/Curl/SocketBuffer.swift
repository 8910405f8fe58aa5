#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Stands between OpenSSL and the socket of an established connection: takes in as much as has come, and lets out once per turn what was written in it.
///
/// libcurl 7.88 makes a system call for the head of each TLS record that it reads, one for the record's body, and one for each frame that it writes: six a request, and
/// with this fewer than one. Confined to the loop's thread.
final class SocketBuffer {
    enum Transfer: Equatable {
        /// As many bytes; none is the end of what the server says.
        case bytes(Int)
        /// Nothing has come, or there is no room.
        case later
        case broken(errno: Int32)
    }

    let socket: Int32
    /// What has come and OpenSSL has not read.
    private let input: UnsafeMutableRawPointer
    private var unread = 0..<0
    /// False once the socket has given less than it was asked for, until the poller reports news of it.
    var mayHaveMore = true
    /// Bytes that OpenSSL has read so far.
    private(set) var bytesRead = 0
    private var output: [UInt8] = []
    private var sent = 0
    private var fault: Int32?

    /// One record at its longest (RFC 8446, 5.2), and more than a turn's answers.
    private static let inputSize = 32 * 1024
    /// Beyond this OpenSSL is told to wait: the server does not read.
    private static let outputLimit = 256 * 1024

    init(socket: Int32) {
        self.socket = socket
        input = .allocate(byteCount: Self.inputSize, alignment: 1)
    }

    deinit {
        input.deallocate()
    }

    var hasUnread: Bool { !unread.isEmpty }
    /// The socket took less than was written: somebody has to wait until it takes more.
    var hasUnsent: Bool { sent < output.count }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        if unread.isEmpty, let obstacle = refill() { return obstacle }
        let count = min(buffer.count, unread.count)
        buffer.copyMemory(from: UnsafeRawBufferPointer(start: input + unread.lowerBound, count: count))
        unread = unread.lowerBound + count..<unread.upperBound
        bytesRead += count
        return .bytes(count)
    }

    /// Nil when something has come.
    private func refill() -> Transfer? {
        guard mayHaveMore else { return .later }
        let count = restarting { recv(socket, input, Self.inputSize, 0) }
        switch count {
        case 1...:
            unread = 0..<count
            mayHaveMore = count == Self.inputSize
            return nil
        case 0: return .bytes(0)
        default:
            let code = errno
            guard code == EAGAIN || code == EWOULDBLOCK else { return .broken(errno: code) }
            mayHaveMore = false
            return .later
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> Transfer {
        if output.count - sent >= Self.outputLimit { flush() }
        if let fault { return .broken(errno: fault) }
        guard output.count - sent < Self.outputLimit else { return .later }
        output.append(contentsOf: bytes)
        return .bytes(bytes.count)
    }

    /// Sends what the socket takes.
    func flush() {
        while hasUnsent, fault == nil {
            let count = output.withUnsafeBytes { bytes in
                restarting { send(socket, bytes.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL)) }
            }
            guard count >= 0 else {
                let code = errno
                if code == EAGAIN || code == EWOULDBLOCK { return compact() }
                // Who reads next is told by the socket; who writes next, here.
                fault = code
                break
            }
            sent += count
        }
        output.removeAll(keepingCapacity: true)
        sent = 0
    }

    /// Before the socket is closed: its number may be another's at once.
    func close() {
        flush()
        fault = EBADF
        mayHaveMore = false
        output = []
        sent = 0
    }

    private func compact() {
        output.removeFirst(sent)
        sent = 0
    }

    private func restarting(_ call: () -> Int) -> Int {
        while true {
            let count = call()
            if count >= 0 || errno != EINTR { return count }
        }
    }
}
