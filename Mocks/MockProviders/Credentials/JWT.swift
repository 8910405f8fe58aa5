/// The three parts of a compact JWS (RFC 7515), not verified.
struct JWT {
    var header: JSON
    var claims: JSON
    var signature: [UInt8]
    /// What the signature covers.
    var signed: [UInt8]

    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64.decodeURL(parts[0]), let claims = Base64.decodeURL(parts[1]),
            let signature = Base64.decodeURL(parts[2]), let headerJSON = try? JSON(parsing: header), let claimsJSON = try? JSON(parsing: claims)
        else { return nil }
        self.header = headerJSON
        self.claims = claimsJSON
        self.signature = signature
        signed = Array("\(parts[0]).\(parts[1])".utf8)
    }
}
