import Domain
import Glibc

/// Strangers open more connections than the gateway may have descriptors and keep them, while providers close theirs and callers hang up, so that it needs new
/// ones.
struct NoDescriptors: InjectedFault {
    private let count: Int
    private let seed: Int
    private var sockets: [Int32] = []

    init(_ random: inout SeededRandom) {
        count = GatewayLives.descriptors + Int.random(in: 1...200, using: &random)
        seed = random.chaosSeed()
    }

    mutating func begin(_ stage: ProveStage) async throws {
        guard let port = stage.gateway.address?.split(separator: ":").last.flatMap({ UInt16($0) }) else { return }
        for _ in 0..<count {
            guard let socket = Self.connect(to: port) else { break }
            sockets.append(socket)
        }
        if sockets.count < count {
            stage.ledger.remark("only \(sockets.count) of \(count) connections could be opened to use up the gateway's descriptors")
        }
        let fates = Cast.pushers.map { Fate.fault("goaway_after", $0, rate: 0.2) } + [Fate.fault("close_after_body", .smtp, rate: 0.2)]
        try await stage.mock.setChaos(["seed": .integer(seed), "fates": .array(fates)])
        stage.manners.set(hangsUp: true)
    }

    mutating func end(_ stage: ProveStage) async throws {
        stage.manners.set(hangsUp: false)
        try await stage.mock.endChaos()
        for socket in sockets { _ = close(socket) }
    }

    /// The system's queue takes the connection, whether the gateway does or not.
    private static func connect(to port: UInt16) -> Int32? {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard result == 0 || errno == EINPROGRESS else {
            _ = close(socket)
            return nil
        }
        return socket
    }
}
