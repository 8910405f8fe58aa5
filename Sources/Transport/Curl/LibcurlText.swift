/// What libcurl says in its verbose messages and nowhere else. Checked against 7.88.1 and 8.14.1.
///
/// A wording that changes costs precision, never truth: without these messages a replay is still forbidden (`CURLOPT_PREREQFUNCTION`),
/// and a refused stream is reported as unknown.
enum LibcurlText {
    /// lib/transfer.c, `Curl_retry_request`: said before the retry begins.
    static let replay = Array("Connection died, retrying a fresh connect".utf8)
    /// lib/multi.c, after RST_STREAM with HTTP_1_1_REQUIRED: the same request again, over HTTP/1.1.
    static let downgrade = Array("Downgrades to HTTP/1.1".utf8)

    /// The last stream id of `recveived GOAWAY, error=0, last_stream=5` (7.88.1; later versions spell the verb right).
    static func goaway(_ text: UnsafeRawBufferPointer) -> Int? {
        guard text.first == UInt8(ascii: "r") else { return nil }
        let line = String(decoding: text, as: UTF8.self)
        guard line.hasPrefix("recveived GOAWAY") || line.hasPrefix("received GOAWAY") else { return nil }
        let key = "last_stream="
        guard let start = line.firstRange(of: key)?.upperBound else { return nil }
        return Int(line[start...].prefix { $0.isNumber })
    }
}
