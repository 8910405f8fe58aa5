import API
import Domain
import Settings
import Vault

/// `auth.jwt`: which tokens are believed.
struct TokenSettings: Sendable {
    /// `file:PATH`, `https://…` or, on loopback, `http://…`; empty: none.
    var keySet = ""
    /// Where the HS256 secret stands; a reference, never the secret. Empty: none.
    var secretReference = ""
    var issuer = ""
    var audience = ""
    /// What the reference led to; read once, before the start.
    var secret: Secret?

    /// RFC 7518 section 3.2: a key of the size of the hash, or larger.
    static let minimumSecretBytes = 32

    /// False: no JWT is accepted.
    var isOn: Bool { !keySet.isEmpty || !secretReference.isEmpty }

    /// Keys: `jwks`, `hs256_secret`, `issuer`, `audience`.
    init(_ jwt: SettingsSection) {
        jwt.read("jwks", into: &keySet, as: Self.place)
        jwt.read("hs256_secret", into: &secretReference, as: .reference)
        jwt.read("issuer", into: &issuer, as: .text)
        jwt.read("audience", into: &audience, as: .text)
        guard !isOn else { return }
        for (key, value) in [("issuer", issuer), ("audience", audience)] where !value.isEmpty {
            jwt.fault(key, "is set, but no token can be checked without auth.jwt.jwks or auth.jwt.hs256_secret; set one of them, or leave this empty")
        }
    }

    init() {}

    /// Follows the reference to the secret.
    mutating func resolve(file: String, environment: [String: String]) throws(SettingsFault) {
        guard !secretReference.isEmpty else { return }
        let path = "auth.jwt.hs256_secret"
        let found: Secret
        do throws(ReferencedSecret.Missing) {
            found = try ReferencedSecret.read(secretReference, environment: environment)
        } catch {
            throw SettingsFault(file: file, line: nil, path: path, message: error.description)
        }
        let count = found.reveal().count
        guard count >= Self.minimumSecretBytes else {
            throw SettingsFault(
                file: file, line: nil, path: path,
                message: "leads to a secret of \(count) bytes; HS256 needs \(Self.minimumSecretBytes) random ones or more (openssl rand -base64 48)")
        }
        secret = found
    }

    private static var place: SettingKind<String> {
        SettingKind("file:PATH or an https:// address (http:// only on loopback)") { text in
            if text.isEmpty || text.hasPrefix("file:") && text != "file:" { return text }
            guard SettingKind<String>.origin.reads(text) else { return nil }
            return text.hasPrefix("https://") || RemoteKeySet.isOnLoopback(text) ? text : nil
        }
    }
}
