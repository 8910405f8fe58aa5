internal import Synchronization

/// Sends HTTP requests through libcurl: one thread owns the multi handles, callers await.
///
/// Carries each request once: no redirects, no replay of a POST, no retry. Bounded in requests in flight, in connections and in the size of answers.
/// A group's bounds hold for each origin (scheme, host and port) that it talks to.
public final class HTTPTransport: Sendable {
    public struct Configuration: Sendable {
        /// PEM file with CAs that are trusted beside the system's.
        public var extraCAFile: String?
        /// Longest wait for a connection, TLS included.
        public var connectTimeout: Duration = .seconds(10)
        /// Bytes of an answer that are kept; the rest is dropped and the answer marked truncated.
        public var maxResponseBytes: Int = 256 * 1024
        public var userAgent: String = "hermod"
        /// `http://host:port`; empty for none. The environment's proxy variables are not read.
        public var proxy: String = ""
        /// A socket that does not have a number below this is given back at once, and what is idle is closed: others in the process need descriptors, too. The system
        /// gives out the lowest number that is free (POSIX.1-2017, 2.14), so that all from here on stay free for them.
        public var socketCeiling: Int = .max

        public init() {}
    }

    /// What has happened in a group since its first request.
    public struct Counters: Sendable, Hashable {
        /// Attempts to connect.
        public var connectionsOpened = 0
        /// Requests that libcurl has ended, with or without an answer.
        public var requests = 0
        public var answered = 0

        public init() {}
    }

    private let loop: EventLoop
    private let thread: Mutex<LoopThread?>

    /// Throws a `TransportFailure` where the CA file can't be read or the thread can't be started.
    public init(configuration: Configuration = .init()) throws {
        do throws(CurlError) {
            try CurlLibrary.start()
        } catch {
            throw error.failure
        }
        guard CurlLibrary.speaksHTTP2 else {
            throw TransportFailure(kind: .local, message: "\(CurlLibrary.version) was built without HTTP/2; install one that has it (libcurl4)")
        }
        loop = try EventLoop(HTTPSettings(configuration))
        thread = Mutex(try loop.start())
    }

    deinit {
        // The thread keeps the loop alive; without a word it would run on for ever. Nobody can wait for a send here: that would hold the transport.
        loop.beginShutdown(by: .now)
        thread.withLock { $0.take() }?.letGo()
    }

    /// Sends once and waits for the answer, for `timeout` at most, the wait for a free stream included.
    /// Cancelling the task withdraws the request; what had already gone out is `unknown`.
    public func send(_ request: HTTPRequest, in group: ConnectionGroup, timeout: Duration) async -> HTTPOutcome {
        let deadline = Moment.now.advanced(by: timeout)
        let prepared: PreparedRequest
        do throws(TransportFailure) {
            prepared = try PreparedRequest(request)
        } catch {
            return .notSent(error)
        }
        let exchange = Exchange(prepared, in: group, deadline: deadline)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                exchange.continuation = continuation
                loop.submit(exchange)
            }
        } onCancel: {
            // Which may come before the exchange itself.
            loop.withdraw(exchange)
        }.parsed
    }

    /// Later requests of the group use new connections; those in flight finish on the old ones.
    public func renewConnections(of group: ConnectionGroup) {
        loop.renew(group)
    }

    /// Takes no more requests, ends those that wait, lets those in flight finish for `grace` at most, then ends them and the thread. Safe to call twice.
    public func shutdown(grace: Duration) async {
        loop.beginShutdown(by: .now.advanced(by: grace))
        await loop.ended()
        // Its last act is done; the join waits for the thread's return and no longer.
        thread.withLock { $0.take() }?.join()
    }

    public func counters(of group: ConnectionGroup) -> Counters {
        loop.counters(of: group)
    }

    /// `libcurl/7.88.1 OpenSSL/3.0.19 … nghttp2/1.52.0`
    public static var version: String { CurlLibrary.version }
}
