import Domain

/// A JWS in its compact form (RFC 7515 section 3.1), taken apart and not yet believed.
struct CompactToken: Sendable {
    /// What no honest token exceeds; checking a signature costs the more the longer it is.
    static let maxBytes = 8_192

    let algorithm: TokenAlgorithm
    let keyID: String?
    let payload: [UInt8]
    let signature: [UInt8]
    /// What the signature is about.
    let signed: ArraySlice<UInt8>

    /// - Parameter allowed: what the configuration has keys for. The header only chooses among these.
    init(_ text: some StringProtocol, allowed: Set<TokenAlgorithm>) throws(TokenRefusal) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.maxBytes else { throw TokenRefusal("The token is longer than \(Self.maxBytes) bytes.") }
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3 else {
            throw TokenRefusal(
                "The credential is neither an API key (hk_...) nor a signed JWT: that has three parts with dots between, this one has \(parts.count)."
            )
        }
        guard let header = Base64URL.decode(parts[0]).flatMap(JSONObject.init(distinct:)) else {
            throw TokenRefusal("The token's header is not a JSON object in base64url.")
        }
        guard let payload = Base64URL.decode(parts[1]), let signature = Base64URL.decode(parts[2]) else {
            throw TokenRefusal("The token's payload or signature is not base64url.")
        }
        algorithm = try Self.algorithm(header["alg"], allowed)
        // An extension that must be understood (RFC 7515 section 4.1.11): none is.
        guard header["crit"] == nil else { throw TokenRefusal("The token's header asks for extensions (crit), and none is understood here.") }
        try Self.checkType(header["typ"])
        switch header["kid"] {
        case nil: keyID = nil
        case .string(let text): keyID = text
        default: throw TokenRefusal("The token's kid is not a string.")
        }
        self.payload = payload
        self.signature = signature
        signed = bytes[..<parts[1].endIndex]
    }

    private static func algorithm(_ value: JSON?, _ allowed: Set<TokenAlgorithm>) throws(TokenRefusal) -> TokenAlgorithm {
        if let algorithm = value?.string.flatMap(TokenAlgorithm.init), allowed.contains(algorithm) { return algorithm }
        let list = TokenAlgorithm.allCases.filter(allowed.contains).map(\.rawValue).joined(separator: ", ")
        throw TokenRefusal("The token's algorithm is not accepted here; accepted: \(list).")
    }

    /// Other kinds of tokens are signed with the same keys and mean other things (RFC 8725 section 3.11).
    private static func checkType(_ value: JSON?) throws(TokenRefusal) {
        guard let value else { return }
        var type = value.string?.lowercased() ?? ""
        if type.hasPrefix("application/") { type.removeFirst("application/".count) }
        guard type == "jwt" || type == "at+jwt" else { throw TokenRefusal("The token's typ is neither JWT nor at+jwt.") }
    }
}

extension JSONObject {
    /// An object in which no name stands twice: of two readers each could believe another one (RFC 7515 section 4, RFC 7519 section 4).
    init?(distinct bytes: [UInt8]) {
        guard case .object(let object)? = try? JSON(parsing: bytes), Set(object.members.map(\.key)).count == object.count else { return nil }
        self = object
    }
}
