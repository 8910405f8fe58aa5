internal import CCurl

/// libcurl refused a call: an option this build doesn't know, or no memory.
struct CurlError: Error, CustomStringConvertible {
    var code: CURLcode
    /// What was asked of libcurl.
    var call: String

    var description: String { "\(call): \(CurlLibrary.text(of: code))" }

    /// As the end of an attempt that never began.
    var failure: TransportFailure { TransportFailure(kind: .local, message: description, code: Int(code.rawValue)) }
}
