import NIOCore

/// Where the wire hands its requests. Called on the request's event loop and answered at once; what must wait says so with a future of that loop.
protocol Answering: Sendable {
    func answer(_ request: Request) -> Answer
}

enum Answer {
    case now(Reply)
    case later(EventLoopFuture<Reply>)
    /// The reply's status and headers, then whatever the source has to tell until one of the two hangs up.
    case stream(Reply, any EventSource)
}

/// Tells what happens, as it happens. Belongs to its connection's event loop.
protocol EventSource: AnyObject {
    /// - Parameter write: says whether it took the bytes; it does not while the client is slow to read.
    func start(write: @escaping (ByteBuffer) -> Bool)
    func stop()
}
