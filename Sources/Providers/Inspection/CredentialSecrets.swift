import Crypto
import CryptoExtras

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A credential's secrets, as far as its fingerprint needs them.
struct CredentialSecrets {
    /// Keys, certificates, tokens: nobody guesses them.
    var keys: [[UInt8]] = []
    /// What a person may have thought up.
    var password: [UInt8]?
    /// Whose password it is: the same password of two accounts does not show as the same.
    var owner = ""

    /// Enough that trying out a list of words against a fingerprint costs days, and little enough for a thousand credentials at a start.
    private static let rounds = 2_000

    /// The first 16 hex digits of the SHA-256 over the secrets. Of a single key it is that of its file: `sha256sum AuthKey.p8` shows the same digits.
    ///
    /// A password goes through PBKDF2 before, because a plain digest of it would help whoever may read lists to guess it.
    var fingerprint: String {
        var bytes: [UInt8] = []
        for (index, key) in keys.enumerated() {
            if index > 0 { bytes.append(0) }
            bytes += key
        }
        if let password, !password.isEmpty {
            // Fails for no input that can occur; without it the keys alone make the fingerprint.
            let derived = try? KDF.Insecure.PBKDF2.deriveKey(
                from: password, salt: Array("hermod \(owner)".utf8), using: .sha256, outputByteCount: 32, unsafeUncheckedRounds: Self.rounds)
            bytes += derived.map { $0.withUnsafeBytes { Array($0) } } ?? []
        }
        return Fingerprint.of(bytes)
    }
}
