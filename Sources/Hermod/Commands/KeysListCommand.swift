import ArgumentParser
import Domain
import Storage

struct KeysListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists API keys, newest first, the expired and revoked ones too.")

    @Option(help: "Only those of this org.") var org: String?
    @OptionGroup var store: KeyStoreOptions

    func run() async throws {
        try await store.withStores { stores, _ in
            let now = SystemTime().now
            var table = TextTable(columns: ["ID", "PREFIX", "ORG", "ROLES", "CONTRACT", "STATE", "EXPIRES", "LAST USED", "NAME"])
            var page = Page(limit: 100)
            var hasMore = true
            while hasMore {
                let listing = try await stores.keys.list(page: page, scope: org.map { .orgs([$0]) } ?? .all)
                table.rows += listing.elements.map { Self.row($0, now) }
                page.after = listing.elements.last?.id
                hasMore = listing.hasMore
            }
            StandardStream.output.line(table.rows.isEmpty ? "no API keys" : table.text)
        }
    }

    private static func row(_ key: APIKey, _ now: Timestamp) -> [String] {
        [
            key.id, key.prefix, key.orgID, key.roles.isEmpty ? "-" : key.roles.sorted().map(\.rawValue).joined(separator: ","),
            key.contract?.rawValue ?? "-", key.state(at: now).rawValue, key.expiresAt?.rfc3339Seconds ?? "-", key.lastUsedAt?.rfc3339Seconds ?? "-",
            // Whoever may make keys names them: nothing of a name may steer the terminal.
            key.name.map { String($0.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : Character($0) }) } ?? "-",
        ]
    }
}
