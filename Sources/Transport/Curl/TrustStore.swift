internal import CCurl

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// The CAs a server's certificate may lead to.
enum TrustStore {
    /// What libcurl was built to trust.
    case system
    /// The system's CAs and ours in one bundle: `CURLOPT_CAINFO` replaces the system's CAs where we want to add to them. A path and not
    /// `CURLOPT_CAINFO_BLOB`, because libcurl copies a blob once and compares it several times in each request: 200 KB cost a fifth of all CPU.
    case bundle(MemoryFile)

    /// The system's CAs, and those of a PEM file beside them.
    init(extraCAFile: String?) throws(TransportFailure) {
        guard let extraCAFile, !extraCAFile.isEmpty else {
            self = .system
            return
        }
        guard let extra = Self.read(extraCAFile) else {
            throw TransportFailure(kind: .local, message: "can't read the CA file \(extraCAFile); give the path of a readable PEM file")
        }
        let marker = "-----BEGIN CERTIFICATE-----"
        guard String(decoding: extra, as: UTF8.self).contains(marker) else {
            throw TransportFailure(kind: .local, message: "no certificate in the CA file \(extraCAFile); it must hold PEM certificates")
        }
        // A machine without the ca-certificates package has no system bundle; then the extra CAs are all there is.
        let system = CurlLibrary.systemCAFile.flatMap(Self.read) ?? []
        self = .bundle(try MemoryFile(system + [UInt8(ascii: "\n")] + extra))
    }

    /// Verification of peer and name stays on; there is no way to switch it off.
    func apply(to handle: EasyHandle) throws(CurlError) {
        try handle.set(CURLOPT_SSL_VERIFYPEER, 1)
        try handle.set(CURLOPT_SSL_VERIFYHOST, 2)
        try handle.set(CURLOPT_SSLVERSION, Int(ccurl_sslversion_tls_1_2))
        if case .bundle(let file) = self { try handle.set(CURLOPT_CAINFO, file.path) }
    }

    /// Whole files only; bundles are some 200 KB.
    private static func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            bytes.append(contentsOf: chunk[..<count])
            if count < chunk.count { return ferror(file) == 0 ? bytes : nil }
        }
    }
}
