import ArgumentParser
import Domain
import Vault

struct VaultRotateMasterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate-master",
        abstract: "Brings all sealed credentials under the first key of vault.master_key and retires the others; interrupted, it can be run again.")

    @OptionGroup var vault: VaultOptions

    func run() async throws {
        try await vault.withVault { store, keys in
            let report = try await MasterRotation(store: store, masterKeys: keys).run(time: SystemTime()) { count in
                StandardStream.error.line("re-wrapped \(count)")
            }
            StandardStream.output.line(Self.story(report))
            guard report.leftBehind.isEmpty else {
                throw fail(report.leftBehind.map { StartFault("left behind: \($0)") })
            }
        }
    }

    static func story(_ report: MasterRotation.Report) -> String {
        let moved = report.rewrapped == 1 ? "1 credential" : "\(report.rewrapped) credentials"
        let retired = report.retired.isEmpty ? "no key had to be retired" : "retired: \(report.retired.joined(separator: ", "))"
        return "\(moved) brought under \(report.target); \(retired)"
    }
}
