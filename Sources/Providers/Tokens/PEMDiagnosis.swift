import Crypto
import CryptoExtras

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Says why a PEM text is not the key that is wanted. For people; only asked when reading it has failed.
enum PEMDiagnosis {
    static func describe(_ text: String, wanted: String) -> String {
        guard !text.isEmpty else { return "the key is empty, and \(wanted) is wanted" }
        guard text.contains("-----BEGIN") else { return "there is no BEGIN line, so this is no PEM text" }
        if text.contains("ENCRYPTED") { return "the key is protected by a password, and \(wanted) without one is wanted" }
        if text.contains("BEGIN CERTIFICATE") || text.contains("PUBLIC KEY") {
            return "this is a certificate or a public key, and \(wanted) is wanted"
        }
        if (try? P256.Signing.PrivateKey(pemRepresentation: text)) != nil { return found("an EC key on the curve P-256", wanted) }
        if (try? P384.Signing.PrivateKey(pemRepresentation: text)) != nil { return found("an EC key on the curve P-384", wanted) }
        if (try? P521.Signing.PrivateKey(pemRepresentation: text)) != nil { return found("an EC key on the curve P-521", wanted) }
        if let key = try? _RSA.Signing.PrivateKey(unsafePEMRepresentation: text) { return found("an RSA key of \(key.keySizeInBits) bits", wanted) }
        return "the PEM text can't be read as a private key: it is cut short, altered, or of another kind"
    }

    private static func found(_ what: String, _ wanted: String) -> String { "this is \(what), and \(wanted) is wanted" }
}
