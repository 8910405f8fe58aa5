/// Sends HTTP requests through libcurl: one thread owns the multi handles, callers await.
///
/// Carries each request once: no redirects, no replay of a POST, no retry. Bounded in requests in flight, in connections and in the size of answers.
public final class HTTPTransport: Sendable {
    public struct Configuration: Sendable {
        /// PEM file with CAs that are trusted beside the system's.
        public var extraCAFile: String?
        /// Longest wait for a connection, TLS included.
        public var connectTimeout: Duration = .seconds(10)
        /// Bytes of an answer that are kept; the rest is dropped and the answer marked truncated.
        public var maxResponseBytes: Int = 256 * 1024
        public var userAgent: String = "hermod"

        public init() {}
    }

    public init(configuration: Configuration = .init()) throws {
        fatalError("to be built")
    }

    /// Sends once and waits for the answer, for `timeout` at most, the wait for a free stream included.
    /// Cancelling the task withdraws the request; what had already gone out is `unknown`.
    public func send(_ request: HTTPRequest, in group: ConnectionGroup, timeout: Duration) async -> HTTPOutcome {
        fatalError("to be built")
    }

    /// Later requests of the group use new connections; those in flight finish on the old ones.
    public func renewConnections(of group: ConnectionGroup) {
        fatalError("to be built")
    }

    /// Takes no more requests, lets those in flight finish for `grace` at most, then ends them and the thread. Safe to call twice.
    public func shutdown(grace: Duration) async {
        fatalError("to be built")
    }

    /// `libcurl/7.88.1 OpenSSL/3.0.19 … nghttp2/1.52.0`
    public static var version: String { fatalError("to be built") }
}
