import COpenSSL

/// Says why a PEM text is not the key that is wanted. For people; only asked when reading it has failed.
enum PEMDiagnosis {
    static func describe(_ text: String, wanted: String) -> String {
        guard !text.isEmpty else { return "the key is empty, and \(wanted) is wanted" }
        guard text.contains("-----BEGIN") else { return "there is no BEGIN line, so this is no PEM text" }
        if text.contains("ENCRYPTED") { return "the key is protected by a password, and \(wanted) without one is wanted" }
        if text.contains("BEGIN CERTIFICATE") || text.contains("PUBLIC KEY") {
            return "this is a certificate or a public key, and \(wanted) is wanted"
        }
        guard let kind = kind(of: text) else { return "the PEM text can't be read as a private key: it is cut short, altered, or of another kind" }
        return "this is \(kind), and \(wanted) is wanted"
    }

    /// What OpenSSL takes the key for.
    private static func kind(of text: String) -> String? {
        defer { ERR_clear_error() }
        let key = MemoryBIO.reading(Array(text.utf8)) { source in
            // A password is given, or OpenSSL would ask for one at the terminal.
            var none: CChar = 0
            return PEM_read_bio_PrivateKey(source, nil, nil, &none)
        }
        guard let key else { return nil }
        defer { EVP_PKEY_free(key) }
        let name = EVP_PKEY_get0_type_name(key).map { String(cString: $0) } ?? "private"
        let bits = EVP_PKEY_get_bits(key)
        switch name {
        case "EC": return "an EC key on the curve \(curve(of: key))"
        case "RSA": return "an RSA key of \(bits) bits"
        case "RSA-PSS": return "an RSA-PSS key of \(bits) bits"
        case "ED25519": return "an Ed25519 key"
        default: return "a key of the kind \(name)"
        }
    }

    private static func curve(of key: OpaquePointer) -> String {
        var buffer = [CChar](repeating: 0, count: 64)
        guard EVP_PKEY_get_group_name(key, &buffer, buffer.count, nil) == 1 else { return "unknown" }
        let name = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let usual = ["prime256v1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"]
        return usual[name] ?? name
    }
}
