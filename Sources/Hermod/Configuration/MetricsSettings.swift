import Domain
import Settings
import Vault

/// `metrics`: who may read `/metrics` beyond loopback.
struct MetricsSettings: Sendable {
    /// Where the token stands; a reference, never the token. Empty: none.
    var tokenReference = ""
    /// What the reference led to; read once, before the start.
    var token: Secret?

    /// What can't be guessed by trying; `openssl rand -hex 16` gives 32.
    static let minimumTokenBytes = 16

    /// Follows the reference to the token.
    mutating func resolve(file: String, environment: [String: String]) throws(SettingsFault) {
        guard !tokenReference.isEmpty else { return }
        let found: Secret
        do throws(ReferencedSecret.Missing) {
            found = try ReferencedSecret.read(tokenReference, environment: environment)
        } catch {
            throw SettingsFault(file: file, line: nil, path: "metrics.token", message: error.description)
        }
        guard found.reveal().count >= Self.minimumTokenBytes else {
            throw SettingsFault(
                file: file, line: nil, path: "metrics.token",
                message: "leads to fewer than \(Self.minimumTokenBytes) bytes; a token has to be beyond guessing (openssl rand -hex 16)")
        }
        token = found
    }
}
