import Testing

@testable import Transport

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Over a pair of real sockets: the buffer has one end, the test is the server at the other.
@Suite struct SocketBufferTests {
    private let buffer: SocketBuffer
    private let server: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0, &ends) == 0)
        buffer = SocketBuffer(socket: ends[0])
        server = ends[1]
    }

    private func end() {
        close(buffer.socket)
        close(server)
    }

    private func say(_ text: String) { #expect(send(server, text, text.utf8.count, 0) == text.utf8.count) }

    private func heard() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = recv(server, &bytes, bytes.count, 0)
        return Array(bytes.prefix(max(count, 0)))
    }

    private func read(_ count: Int) -> (SocketBuffer.Transfer, String) {
        var bytes = [UInt8](repeating: 0, count: count)
        let transfer = bytes.withUnsafeMutableBytes { buffer.read(into: $0) }
        guard case .bytes(let read) = transfer else { return (transfer, "") }
        return (transfer, String(decoding: bytes.prefix(read), as: UTF8.self))
    }

    private func write(_ bytes: [UInt8]) -> SocketBuffer.Transfer { bytes.withUnsafeBytes { buffer.write($0) } }

    @Test func `what has come is taken in at once and read in pieces`() {
        defer { end() }
        say("headbody")
        #expect(read(4) == (.bytes(4), "head"))
        #expect(buffer.hasUnread && buffer.bytesRead == 4)
        #expect(read(100) == (.bytes(4), "body"))
        #expect(!buffer.hasUnread && buffer.bytesRead == 8)
    }

    @Test func `a socket that gave less than it was asked for is left alone until there is news of it`() {
        defer { end() }
        say("one")
        #expect(read(3) == (.bytes(3), "one"))
        say("two")
        #expect(read(3).0 == .later)
        buffer.mayHaveMore = true
        #expect(read(3) == (.bytes(3), "two"))
        buffer.mayHaveMore = true
        #expect(read(3).0 == .later)
        #expect(!buffer.mayHaveMore)
    }

    @Test func `the end of what the server says is read after all of it, and again`() {
        defer { end() }
        say("last")
        shutdown(server, Int32(SHUT_WR))
        #expect(read(10) == (.bytes(4), "last"))
        buffer.mayHaveMore = true
        #expect(read(10).0 == .bytes(0))
        #expect(read(10).0 == .bytes(0))
    }

    @Test func `what is written leaves with the flush, in one piece`() {
        defer { end() }
        #expect(write(Array("one ".utf8)) == .bytes(4))
        #expect(write(Array("two".utf8)) == .bytes(3))
        #expect(heard().isEmpty && buffer.hasUnsent)
        buffer.flush()
        #expect(heard() == Array("one two".utf8) && !buffer.hasUnsent)
    }

    @Test func `of what a server does not read, a bounded part is kept, and all of it arrives in order when it does`() {
        defer { end() }
        let piece = (0..<10_007).map { UInt8(truncatingIfNeeded: $0) }
        var written: [UInt8] = []
        while write(piece) == .bytes(piece.count) {
            written += piece
            guard written.count < 16 << 20 else { break }
        }
        #expect(buffer.hasUnsent && written.count < 16 << 20)
        var arrived: [UInt8] = []
        while true {
            let part = heard()
            if part.isEmpty, !buffer.hasUnsent { break }
            arrived += part
            buffer.flush()
        }
        #expect(arrived == written)
        #expect(write(piece) == .bytes(piece.count))
    }

    @Test func `a connection that the server has broken says so to the next who writes or reads`() {
        defer { close(buffer.socket) }
        close(server)
        #expect(write([1]) == .bytes(1))
        buffer.flush()
        #expect(write([2]) == .broken(errno: EPIPE))
        #expect(!buffer.hasUnsent)
        #expect(read(1).0 == .bytes(0))
    }

    @Test func `closed, it says its last words and touches the socket no more`() {
        defer { end() }
        #expect(write(Array("bye".utf8)) == .bytes(3))
        buffer.close()
        #expect(heard() == Array("bye".utf8))
        say("late")
        #expect(write([1]) == .broken(errno: EBADF))
        #expect(read(4).0 == .later)
    }
}
