import Foundation
import Logging

@testable import Vault

/// A folder of org files for the length of a test.
struct OrgFolderFixture {
    let path: String

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"), options: .atomic)
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }

    /// Makes the folder itself again after it was removed.
    func make() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func read(environment: [String: String] = [:]) -> OrgFiles {
        OrgFiles(folder: path, environment: environment, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }
}

func withOrgFolder<T>(_ files: [String: String] = [:], _ body: (OrgFolderFixture) async throws -> T) async throws -> T {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("hermod-orgs-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let folder = OrgFolderFixture(path: path)
    for (name, text) in files { try folder.write(name, text) }
    return try await body(folder)
}

enum Samples {
    static let key = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMG\n-----END PRIVATE KEY-----\n"

    static let serviceAccount = """
        {"type": "service_account", "project_id": "demo", "private_key_id": "k1", "private_key": "-----BEGIN PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----\\n",
         "client_email": "push@demo.iam.gserviceaccount.com", "token_uri": "https://oauth2.googleapis.com/token"}
        """

    /// The example of the design page.
    static let demo = """
        org: org_demo
        name: Demo
        parent: null
        credentials:
          - { provider: expo, name: main, access_token: "env:EXPO_TOKEN" }
          - { provider: apns, name: main, team_id: TEAM123456, key_id: KEY1234567, private_key: "file:AuthKey.p8",
              topic: com.example.app, environment: production }
          - { provider: fcm, name: main, service_account: "file:service-account.json" }
          - { provider: smtp, name: main, url: "smtp://127.0.0.1:2525", tls: starttls, username: u, password: "env:SMTP_PASSWORD",
              from: "Demo <no-reply@example.org>" }
        """

    static let environment = ["EXPO_TOKEN": "expo-secret", "SMTP_PASSWORD": "mail-secret"]
}
