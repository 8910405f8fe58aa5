/// The SHA-256 of a key's whole text, in hex.
///
/// A fast hash is right here and would be wrong for passwords: what is hashed has far more than 160 random bits, so nobody tries texts out, whatever one try costs.
///
/// Not `Equatable`, on purpose: `matches` is the only way to compare two, and takes the same time wherever they differ.
public struct KeyDigest: Sendable {
    public let hex: String

    public init(hex: String) {
        self.hex = hex
    }

    public func matches(_ other: KeyDigest) -> Bool {
        var difference: UInt8 = 0
        guard hex.utf8.count == other.hex.utf8.count else { return false }
        for (a, b) in zip(hex.utf8, other.hex.utf8) { difference |= a ^ b }
        return difference == 0
    }
}
