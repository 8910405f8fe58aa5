/// What all handles of a transport share.
final class HTTPSettings: Sendable {
    let trust: TrustStore
    let userAgent: String
    let proxy: String
    let connectTimeout: Duration
    let maxResponseBytes: Int
    /// An answer that goes on for this long beyond the bound is ended: reading on would cost more than a new stream.
    let maxDroppedBytes: Int

    let socketCeiling: Int

    init(_ configuration: HTTPTransport.Configuration) throws(TransportFailure) {
        trust = try TrustStore(extraCAFile: configuration.extraCAFile)
        userAgent = configuration.userAgent
        proxy = configuration.proxy
        connectTimeout = configuration.connectTimeout
        maxResponseBytes = max(0, configuration.maxResponseBytes)
        socketCeiling = configuration.socketCeiling
        maxDroppedBytes = max(4 * 1024 * 1024, maxResponseBytes)
    }
}
