import Domain

/// Signed tokens in the compact form of RFC 7515: three base64url parts, the last one over the first two.
enum CompactJWS {
    static func make(header: JSONObject, claims: JSONObject, sign: ([UInt8]) throws -> [UInt8]) rethrows -> String {
        var token: [UInt8] = []
        token.reserveCapacity(1_024)
        Base64URL.append(JSON.object(header).bytes, to: &token)
        token.append(UInt8(ascii: "."))
        Base64URL.append(JSON.object(claims).bytes, to: &token)
        let signature = try sign(token)
        token.append(UInt8(ascii: "."))
        Base64URL.append(signature, to: &token)
        return String(decoding: token, as: UTF8.self)
    }
}

/// RFC 4648 section 5, without padding.
enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func append(_ bytes: [UInt8], to out: inout [UInt8]) {
        var bits: UInt32 = 0
        var width = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            width += 8
            while width >= 6 {
                width -= 6
                out.append(alphabet[Int(bits >> UInt32(width) & 63)])
            }
        }
        if width > 0 { out.append(alphabet[Int(bits << UInt32(6 - width) & 63)]) }
    }
}
