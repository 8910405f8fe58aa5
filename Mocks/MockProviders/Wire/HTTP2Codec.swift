import NIOHTTP2

/// How much a client may send before it must be told to go on.
enum HTTP2Window {
    static let connection = 65_535
    static let stream = 1 << 20
}

/// How many streams a client may have open at once.
enum StreamLimit {
    /// Until APNs has accepted a provider token.
    static let closed = 1
    static let open = 1000
    /// FCM's and Expo's front ends.
    static let shared = 100
}

extension HTTP2Handler {
    /// More events in thirty seconds than one connection can bring about. NIOHTTP2 makes room for as many times at once (eight bytes each, which cost nothing until
    /// they are used): of `Int.max` it computes a size that overflows, and writes beyond what it then gets.
    private static let unlimited = 1_000_000

    /// The handler below this one, with settings to match.
    static func codec(singleStream: Bool) -> NIOHTTP2Handler {
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: singleStream ? 1 : StreamLimit.open),
            HTTP2Setting(parameter: .initialWindowSize, value: Int(HTTP2Window.stream)),
            HTTP2Setting(parameter: .maxHeaderListSize, value: 32_768),
        ]
        // The mock is there to be hammered; denial of service is not its trouble.
        connection.controlFrameRateLimit.maximumCount = unlimited
        connection.maximumConnectionGlitches = .max
        // A burst that is refused stream by stream still sends its bodies; with the default of 32 the rest would end the connection.
        connection.maximumRecentlyResetStreams = 2 * StreamLimit.open
        var stream = NIOHTTP2Handler.StreamConfiguration()
        stream.streamResetFrameRateLimit.maximumCount = unlimited
        stream.streamErrorRateLimit.maximumCount = unlimited
        return NIOHTTP2Handler(mode: .server, connectionConfiguration: connection, streamConfiguration: stream)
    }
}
