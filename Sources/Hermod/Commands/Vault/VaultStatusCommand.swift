import ArgumentParser
import Domain
import Vault

struct VaultStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract:
            "Lists the master keys, what stands under each and what can't be opened. Ends with 1 where something can't be, or nothing can be sealed.")

    @OptionGroup var vault: VaultOptions

    func run() async throws {
        try await vault.withVault { store, keys in
            let status = try await VaultStatus.read(store, keys)
            StandardStream.output.line(Self.table(status))
            let faults = Self.faults(status)
            guard faults.isEmpty else { throw fail(faults) }
        }
    }

    static func table(_ status: VaultStatus) -> String {
        guard !status.keys.isEmpty else { return "no master keys, and nothing sealed" }
        var table = TextTable(columns: ["ID", "STATE", "CREDENTIALS", "FIRST USED", "RETIRED"])
        table.rows = status.keys.map { key in
            [
                key.id, words(key.standing), String(key.credentials), key.firstUsedAt?.rfc3339Seconds ?? "-", key.retiredAt?.rfc3339Seconds ?? "-",
            ]
        }
        return table.text
    }

    /// Without any key and with nothing sealed there is nothing wrong: credentials may all stand in files.
    static func faults(_ status: VaultStatus) -> [String] {
        let isIdle = status.keys.isEmpty
        return status.unopened + (isIdle ? [] : status.sealingFault.map { [$0] } ?? [])
    }

    private static func words(_ standing: VaultStatus.Standing) -> String {
        switch standing {
        case .seals: "seals and opens"
        case .opens: "opens"
        case .wrong: "other bytes than known"
        case .retired: "retired"
        case .missing: "not in vault.master_key"
        }
    }
}
