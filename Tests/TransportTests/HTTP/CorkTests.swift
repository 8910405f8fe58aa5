#if canImport(Glibc)
import Foundation
import Glibc
import Testing
import Transport

@Suite struct CorkTests {
    /// A corked socket holds a turn's last packet back for 200 ms (tcp(7)).
    @Test func `between turns a connection is not corked`() async throws {
        try await HTTP2Server.with { server in
            let port = try #require(URL(string: server.url)?.port)
            try await withTransport { transport in
                var states: [Bool] = []
                for number in 0..<10 {
                    _ = try answer(await transport.send(post("\(server.url)/\(number)", body: "x"), in: group(), timeout: .seconds(20)))
                    states += Self.corked(to: UInt16(port))
                }
                // A turn of the loop may be under way at one moment or another.
                #expect(states.count == 10 && states.contains(false), "\(states)")
            }
        }
    }

    /// Of each of this process's connections to `port`, whether it is corked.
    private static func corked(to port: UInt16) -> [Bool] {
        (0..<Int32(1_024)).compactMap { descriptor in
            guard peerPort(of: descriptor) == port else { return nil }
            var value: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            return getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_CORK, &value, &size) == 0 ? value != 0 : nil
        }
    }

    private static func peerPort(of descriptor: Int32) -> UInt16? {
        var address = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let isConnected = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &size) == 0 }
        }
        guard isConnected, address.ss_family == sa_family_t(AF_INET) || address.ss_family == sa_family_t(AF_INET6) else { return nil }
        // Both kinds have it at the same place.
        return withUnsafeBytes(of: &address) { UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self)) }
    }
}
#endif
