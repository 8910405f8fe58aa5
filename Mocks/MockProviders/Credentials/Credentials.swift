import Foundation

/// What one account shows to the providers, and where it is kept. What lies in the directory already is taken as it is, so that clients keep working
/// over a restart.
struct Credentials: Sendable {
    var apns: APNsKey
    var fcm: ServiceAccount
    var smtp: SMTPAccount
    var expoAccessToken: String?

    /// The credentials of those who name no account.
    init(mainIn directory: URL?, configuration: MockConfiguration) throws {
        let app = configuration.apns
        apns = try APNsKey(in: directory, teamID: app.teamID, usualKeyID: app.keyID, topic: app.topic)
        fcm = try ServiceAccount(in: directory, project: configuration.fcmProject)
        smtp = try SMTPAccount(in: directory, usualName: "mock")
        expoAccessToken = configuration.expoAccessToken
    }

    /// Those of a named account: other team, app, project, user and token, so that no provider takes one account for another.
    init(of name: AccountName, in directory: URL?) throws {
        apns = try APNsKey(in: directory, teamID: name.teamID, usualKeyID: name.keyID, topic: name.topic)
        fcm = try ServiceAccount(in: directory, project: name.project, sharesKey: false)
        smtp = try SMTPAccount(in: directory, usualName: name.text)
        let kept = directory.flatMap { try? String(contentsOf: $0.appending(path: Self.expoFile), encoding: .utf8) }
        expoAccessToken = kept?.trimmingCharacters(in: .whitespacesAndNewlines) ?? Self.newExpoToken(name.text)
    }

    init(apns: APNsKey, fcm: ServiceAccount, smtp: SMTPAccount, expoAccessToken: String?) {
        self.apns = apns
        self.fcm = fcm
        self.smtp = smtp
        self.expoAccessToken = expoAccessToken
    }

    private static let expoFile = "expo-access-token"

    static func newExpoToken(_ name: String) -> String { "mock-expo-\(name)-" + Hex.text(of: (0..<8).map { _ in UInt8.random(in: 0...255) }) }

    /// Writes what clients need. A client certificate is left as it is unless one is given.
    func write(to directory: URL, tokenURI: String, clientIdentity: ClientIdentity?) throws {
        if let clientIdentity {
            try SecretFile.write(clientIdentity.pem, to: directory.appending(path: "apns-client.pem"))
            try SecretFile.write(clientIdentity.p12, to: directory.appending(path: "apns-client.p12"))
        }
        try SecretFile.write(apns.pem + "\n", to: directory.appending(path: APNsKey.fileName(of: apns.keyID)))
        try SecretFile.write(apns.description, to: directory.appending(path: "apns.json"))
        try SecretFile.write(fcm.description(tokenURI: tokenURI), to: directory.appending(path: "service-account.json"))
        try SecretFile.write(smtp.description, to: directory.appending(path: "smtp.json"))
        // For clients that take a secret from a file of its own.
        try SecretFile.write(smtp.password, to: directory.appending(path: "smtp-password"))
        if let expoAccessToken { try SecretFile.write(expoAccessToken, to: directory.appending(path: Self.expoFile)) }
    }
}
