internal import CCurl

/// What belongs to libcurl as a whole, once per process.
enum CurlLibrary {
    /// `curl_global_init` must come before everything else and from one thread; a static constant is both.
    /// Never undone: `curl_global_cleanup` would pull the rug from under threads that still run.
    private static let initialised: CURLcode = curl_global_init(Int(ccurl_global_default))

    static func start() throws(CurlError) {
        guard initialised == CURLE_OK else { throw CurlError(code: initialised, call: "curl_global_init") }
    }

    /// `libcurl/7.88.1 OpenSSL/3.0.19 zlib/1.2.13 … nghttp2/1.52.0`
    static var version: String { String(cString: curl_version()) }

    static var speaksHTTP2: Bool {
        guard let info = curl_version_info(ccurl_version_now) else { return false }
        return info.pointee.features & CURL_VERSION_HTTP2 != 0
    }

    /// The PEM file with the system's CAs that this libcurl was built to use.
    static var systemCAFile: String? {
        guard let info = curl_version_info(ccurl_version_now), let path = info.pointee.cainfo else { return nil }
        return String(cString: path)
    }

    static func text(of code: CURLcode) -> String { String(cString: curl_easy_strerror(code)) }

    static func text(of code: CURLMcode) -> String { String(cString: curl_multi_strerror(code)) }
}
