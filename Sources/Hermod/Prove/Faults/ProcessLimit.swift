import CLinux
import Glibc

/// A limit of the running gateway, lowered and given back.
struct ProcessLimit: Sendable {
    private let resource: Int32
    private var before: UInt?

    private init(_ resource: __rlimit_resource) {
        self.resource = Int32(resource.rawValue)
    }

    /// Bytes of any file (RLIMIT_FSIZE).
    static var fileSize: ProcessLimit { ProcessLimit(RLIMIT_FSIZE) }

    mutating func lower(to count: UInt, of gateway: GatewayLives) throws(StartFault) {
        before = try change(gateway) { limit in
            let before = limit.rlim_cur
            limit.rlim_cur = min(before, count)
            return before
        }
    }

    func restore(of gateway: GatewayLives) throws(StartFault) {
        guard let before else { return }
        _ = try change(gateway) { $0.rlim_cur = before }
    }

    private func change<T>(_ gateway: GatewayLives, _ body: (inout rlimit) -> T) throws(StartFault) -> T? {
        guard let pid = gateway.pid else { return nil }
        var limit = rlimit()
        guard clinux_get_limit(pid, resource, &limit) == 0 else { throw fault() }
        let answer = body(&limit)
        guard clinux_set_limit(pid, resource, &limit) == 0 else { throw fault() }
        return answer
    }

    private func fault() -> StartFault { StartFault("the gateway's limits can't be changed: \(String(cString: strerror(errno)))") }
}
