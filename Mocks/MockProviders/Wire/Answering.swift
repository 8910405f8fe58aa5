import NIOCore

/// Where the wire hands its requests. Called on the request's event loop and answered at once; what must wait says so with a future of that loop.
protocol Answering: Sendable {
    func answer(_ request: Request) -> Answer
}

enum Answer {
    case now(Reply)
    case later(EventLoopFuture<Reply>)
}
