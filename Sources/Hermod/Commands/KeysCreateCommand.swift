import API
import ArgumentParser
import Domain
import Settings
import Storage

struct KeysCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Makes an API key and prints it, this once: it alone goes to standard output, what is to be said about it to standard error.")

    @Option(help: "The org that the key acts for; it sees this one and those below.") var org: String
    @Option(
        help: "What it may do: coordinator, org_admin or global_admin; may be given more than once. Without any it opens what asks for no role.",
        transform: Self.role)
    var role: [Role] = []
    @Option(help: "The only contract that it is good for: \(KeyDesk.contracts.map(\.rawValue).joined(separator: ", ")).") var contract: String?
    @Option(help: "When it ends: 2027-01-31, 2027-01-31T12:00:00Z, or a time from now such as 90d.") var expires: String?
    @Option(help: "What people know it by.") var name: String?
    @OptionGroup var store: KeyStoreOptions

    func run() async throws {
        try await store.withStores { stores, loaded in
            let now = SystemTime().now
            let wish = KeyDesk.Wish(name: name, orgID: try orgID(), roles: Set(role), contract: try boundContract(), expiresAt: try end(now))
            let (key, text) = try await KeyDesk(stores.keys).issue(wish, now: now)
            StandardStream.output.line(text.text)
            for line in Self.story(key) { StandardStream.error.line(line) }
            // No fault: the directory may be imported later. But a typing error would make a key that sees nothing.
            let isDeclared = loaded.orgs.declared.contains { $0.id == org }
            let isListed = try await stores.directory.organisation(org, scope: .all) != nil
            if !isDeclared, !isListed { StandardStream.error.line("Neither an org file nor the directory knows \(org) so far.") }
        }
    }

    private static func role(_ text: String) throws -> Role {
        guard let role = Role(rawValue: text) else {
            throw ValidationError("it must be one of \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return role
    }

    private func orgID() throws(StartFault) -> String {
        guard SettingKind<String>.identifier.reads(org) else { throw StartFault("--org must be \(SettingKind<String>.identifier.expectation)") }
        return org
    }

    private func boundContract() throws(StartFault) -> Contract? {
        guard let contract else { return nil }
        guard let known = KeyDesk.contracts.first(where: { $0.rawValue == contract }) else {
            throw StartFault("--contract must be one of \(KeyDesk.contracts.map(\.rawValue).joined(separator: ", "))")
        }
        return known
    }

    private func end(_ now: Timestamp) throws(StartFault) -> Timestamp? {
        guard let expires else { return nil }
        let time = Timestamp(rfc3339: expires) ?? Timestamp(rfc3339: expires + "T00:00:00Z") ?? SettingsText.duration(expires).map { now + $0 }
        guard let time else { throw StartFault("--expires must be a day (2027-01-31), a time (2027-01-31T12:00:00Z) or a time from now (90d)") }
        guard time > now else { throw StartFault("--expires lies in the past: \(time.rfc3339Seconds)") }
        return time
    }

    private static func story(_ key: APIKey) -> [String] {
        let roles = key.roles.isEmpty ? "no role" : key.roles.sorted().map(\.rawValue).joined(separator: " and ")
        let end = key.expiresAt.map { "until \($0.rfc3339Seconds)" } ?? "until it is revoked"
        let contract = key.contract.map { ", only for \($0.rawValue)" } ?? ""
        return [
            "\(key.id) for \(key.orgID): \(roles)\(contract), \(end)",
            "The key is not stored and can't be shown again; hermod keys revoke \(key.prefix) takes it back.",
        ]
    }
}
