import NIOCore
import NIOSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension Channel {
    /// Ends the TCP connection without TLS's goodbye: with FIN, or with RST when `reset`.
    func closeAbruptly(reset: Bool) {
        guard eventLoop.inEventLoop else { return eventLoop.execute { self.closeAbruptly(reset: reset) } }
        if reset, let provider = self as? any SocketOptionProvider {
            // Lingering for zero seconds makes close() send RST (socket(7)).
            provider.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in self.closeBelowTLS() }
        } else {
            closeBelowTLS()
        }
    }

    private func closeBelowTLS() {
        guard let tls = try? pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self) else {
            return close(promise: nil)
        }
        tls.close(promise: nil)
    }
}
