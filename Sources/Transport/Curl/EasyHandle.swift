internal import CCurl

/// Owns one easy handle and what libcurl only borrows for it: the error buffer. Confined to the thread that uses it.
///
/// Before this object dies the handle must have left its multi handle.
final class EasyHandle {
    let raw: UnsafeMutableRawPointer
    /// libcurl writes here at any time until cleanup, so it is allocated once and never moves.
    private let errorBuffer: UnsafeMutablePointer<CChar>

    init() throws(CurlError) {
        try CurlLibrary.start()
        guard let raw = curl_easy_init() else { throw CurlError(code: CURLE_FAILED_INIT, call: "curl_easy_init") }
        self.raw = raw
        errorBuffer = .allocate(capacity: ccurl_error_size)
        errorBuffer.initialize(repeating: 0, count: ccurl_error_size)
        try set(CURLOPT_ERRORBUFFER, errorBuffer)
        // Without it libcurl uses signals for time-outs, which can't be had with threads.
        try set(CURLOPT_NOSIGNAL, 1)
    }

    deinit {
        curl_easy_cleanup(raw)
        errorBuffer.deallocate()
    }

    func set(_ option: CURLoption, _ value: Int) throws(CurlError) {
        try check(ccurl_easy_setopt_long(raw, option, value), option)
    }

    func set(_ option: CURLoption, offset value: Int) throws(CurlError) {
        try check(ccurl_easy_setopt_offset(raw, option, curl_off_t(value)), option)
    }

    /// libcurl copies strings.
    func set(_ option: CURLoption, _ value: String) throws(CurlError) {
        try check(ccurl_easy_setopt_string(raw, option, value), option)
    }

    /// libcurl borrows what the pointer points to.
    func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) throws(CurlError) {
        try check(ccurl_easy_setopt_pointer(raw, option, value), option)
    }

    /// libcurl borrows the list until after the transfer.
    func set(_ option: CURLoption, list value: UnsafeMutablePointer<curl_slist>?) throws(CurlError) {
        try check(ccurl_easy_setopt_slist(raw, option, value), option)
    }

    /// libcurl copies the bytes.
    func set(_ option: CURLoption, blob bytes: [UInt8]) throws(CurlError) {
        let code = bytes.withUnsafeBytes { bytes in
            // Read only: libcurl copies from it before it returns.
            var blob = curl_blob(data: UnsafeMutableRawPointer(mutating: bytes.baseAddress), len: bytes.count, flags: ccurl_blob_copy)
            return ccurl_easy_setopt_blob(raw, option, &blob)
        }
        try check(code, option)
    }

    /// For `CURLOPT_WRITEFUNCTION` and `CURLOPT_HEADERFUNCTION`.
    func set(_ option: CURLoption, write callback: curl_write_callback) throws(CurlError) {
        try check(ccurl_easy_setopt_write(raw, option, callback), option)
    }

    func set(read callback: curl_read_callback) throws(CurlError) {
        try check(ccurl_easy_setopt_read(raw, CURLOPT_READFUNCTION, callback), CURLOPT_READFUNCTION)
    }

    func set(debug callback: curl_debug_callback) throws(CurlError) {
        try check(ccurl_easy_setopt_debug(raw, callback), CURLOPT_DEBUGFUNCTION)
    }

    func set(progress callback: curl_xferinfo_callback) throws(CurlError) {
        try check(ccurl_easy_setopt_progress(raw, callback), CURLOPT_XFERINFOFUNCTION)
    }

    func check(_ code: CURLcode, _ option: CURLoption) throws(CurlError) {
        guard code == CURLE_OK else { throw CurlError(code: code, call: "curl_easy_setopt \(option.rawValue)") }
    }

    /// 0 where libcurl knows nothing.
    func info(_ info: CURLINFO) -> Int {
        var value = 0
        _ = ccurl_easy_getinfo_long(raw, info, &value)
        return value
    }

    /// For infos of type `curl_off_t`.
    func info(offset info: CURLINFO) -> Int {
        var value: curl_off_t = 0
        _ = ccurl_easy_getinfo_offset(raw, info, &value)
        return Int(value)
    }

    /// libcurl's words on the last transfer, or its general text for `code`.
    func text(of code: CURLcode) -> String {
        errorBuffer.pointee == 0 ? CurlLibrary.text(of: code) : String(cString: errorBuffer)
    }

    /// libcurl doesn't always write a text; the last transfer's must not be taken for this one's.
    func clearText() { errorBuffer.pointee = 0 }

    /// libcurl has written words on the present transfer; it empties the buffer when one begins.
    var hasText: Bool { errorBuffer.pointee != 0 }
}
