import Crypto
public import Domain

/// The text of an API key: `hk_`, eight public characters, thirty secret ones, six of checksum.
///
/// The secret has 178 random bits. The checksum tells a typing error from a stranger's key without asking the database, and lets scanners that look for leaked
/// secrets know one when they see it.
public struct APIKeyText: Sendable {
    static let mark = "hk_"
    private static let secretLength = 30
    private static let checksumLength = 6
    private static let length = prefixLength + secretLength + checksumLength

    /// `hk_` and the eight public characters.
    public static let prefixLength = 11

    public let text: String

    /// What may be shown: enough to know the key by, nothing to use it with.
    public var prefix: String { String(text.prefix(Self.prefixLength)) }

    /// A new key, of the system's random numbers.
    static func make() -> APIKeyText {
        // In a box: the generator has no size, and Swift up to 6.3 tells the thread sanitizer of an access to it at an address that it does not have.
        var random: any RandomNumberGenerator = SystemRandomNumberGenerator()
        return APIKeyText(random: &random)
    }

    /// A new key.
    init(random: inout some RandomNumberGenerator) {
        var bytes = Array(Self.mark.utf8)
        while bytes.count < Self.length - Self.checksumLength { bytes.append(Base62.digits.randomElement(using: &random) ?? 0) }
        bytes += Self.checksum(of: bytes)
        text = String(decoding: bytes, as: UTF8.self)
    }

    /// Reads a key that somebody sends. Nil when it can't be one: another length, other characters, or a checksum that does not fit.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == Self.length, text.hasPrefix(Self.mark), bytes.dropFirst(Self.mark.utf8.count).allSatisfy(Base62.digits.contains),
            Self.checksum(of: bytes.dropLast(Self.checksumLength)) == Array(bytes.suffix(Self.checksumLength))
        else { return nil }
        self.text = String(text)
    }

    /// What is remembered of the key.
    public var digest: KeyDigest { KeyDigest(hex: SHA256.hash(data: Array(text.utf8)).hex) }

    /// CRC-32 of all that stands before it, in six digits to the base 62.
    private static func checksum(of bytes: some Sequence<UInt8>) -> [UInt8] {
        var rest = CRC32.of(Array(bytes))
        var digits: [UInt8] = []
        for _ in 0..<checksumLength {
            digits.append(Base62.digits[Int(rest % 62)])
            rest /= 62
        }
        return digits.reversed()
    }
}

private enum Base62 {
    static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
}
