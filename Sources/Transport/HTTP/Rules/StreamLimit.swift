/// How many requests a connection carries at once, learnt from what libcurl leaves waiting: it doesn't tell the server's SETTINGS_MAX_CONCURRENT_STREAMS,
/// and what waits inside libcurl can't be given to another connection.
struct StreamLimit {
    let cap: Int
    private(set) var current: Int

    init(cap: Int) {
        self.cap = max(1, cap)
        current = self.cap
    }

    /// After a turn of the loop on an open connection: `started` of `inFlight` requests have got a stream.
    mutating func observe(started: Int, inFlight: Int) {
        if started < inFlight {
            // One more than fit: it waits for the next free stream and shows when the server allows more.
            current = min(cap, started + 1)
        } else if inFlight >= current {
            current = min(cap, current + max(1, current / 2))
        }
    }
}
