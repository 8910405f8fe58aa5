import NIOHPACK

extension Request {
    /// The headers worth keeping. Credentials are not.
    var recordedHeaders: [(name: String, value: String)] {
        var kept: [(name: String, value: String)] = []
        for (name, value, _) in headers where name != "authorization" { kept.append((name, value)) }
        return kept
    }

    /// The request line, as whoever reads the record would want it, without the run in front of the path.
    var recordedLine: ReceivedMessage.RequestLine {
        ReceivedMessage.RequestLine(method: method, path: path, version: version == .http2 ? "HTTP/2" : "HTTP/1.1")
    }
}
