import Domain

struct ExpoMaterial: Sendable {
    /// Nil where the project asks for none.
    var accessToken: String?
}

/// What an Expo credential has to be.
enum ExpoRules {
    static func examine(_ account: ExpoAccount, _ findings: inout Findings) -> ExpoMaterial? {
        guard let secret = account.accessToken else { return ExpoMaterial(accessToken: nil) }
        findings.secrets.keys.append(secret.reveal())
        let token = secret.revealText()
        guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            findings.fault(
                "access_token", "the access token is empty or contains spaces, line breaks or other signs that no token has",
                remedy: "Use the token as the Expo dashboard shows it, or leave the member out where enhanced push security is off.")
            return nil
        }
        return ExpoMaterial(accessToken: token)
    }
}
