import CLinux
import Domain
import Settings
import Testing

@testable import Hermod
@testable import Vault

@Suite struct VaultCommandTests {
    @Test func `the status is a table for people, and ends well while nothing is sealed and no key is there`() {
        let key = VaultStatus.Key(id: "k2", standing: .seals, credentials: 12, firstUsedAt: Timestamp(seconds: 1_790_000_000), retiredAt: nil)
        let old = VaultStatus.Key(id: "k1", standing: .retired, credentials: 0, firstUsedAt: nil, retiredAt: Timestamp(seconds: 1_790_000_060))
        let status = VaultStatus(keys: [key, old], sealingFault: nil, unopened: [])
        #expect(
            VaultStatusCommand.table(status) == """
                ID  STATE            CREDENTIALS  FIRST USED            RETIRED
                k2  seals and opens  12           2026-09-21T14:13:20Z  -
                k1  retired          0            -                     2026-09-21T14:14:20Z
                """)
        #expect(VaultStatusCommand.faults(status) == [])
        let none = VaultStatus(keys: [], sealingFault: "there is no master key", unopened: [])
        #expect(VaultStatusCommand.table(none) == "no master keys, and nothing sealed" && VaultStatusCommand.faults(none) == [])
        let lost = VaultStatus(
            keys: [.init(id: "k1", standing: .missing, credentials: 1, firstUsedAt: nil, retiredAt: nil)], sealingFault: "no key", unopened: ["1 …"])
        #expect(VaultStatusCommand.faults(lost) == ["1 …", "no key"])
    }

    @Test func `a rotation tells what it has done`() {
        var report = MasterRotation.Report(target: "k2")
        #expect(VaultRotateMasterCommand.story(report) == "0 credentials brought under k2; no key had to be retired")
        report.rewrapped = 1
        report.retired = ["k0", "k1"]
        #expect(VaultRotateMasterCommand.story(report) == "1 credential brought under k2; retired: k0, k1")
    }

    @Test func `a private process can't be dumped`() throws {
        try PrivateProcess.begin()
        #expect(clinux_is_dumpable() == 0)
    }

    @Test func `a text that is no master key is a fault of the configuration, and is not repeated`() {
        let loaded = ConfigurationOptions.masterKeys("env:K", file: "h.yaml", environment: ["K": "hunter2hunter2"])
        guard case .failure(let fault) = loaded else {
            Issue.record("taken for a key")
            return
        }
        #expect(fault.description.hasPrefix("h.yaml: vault.master_key: leads to a text that has no id before a colon"))
        #expect(!fault.description.contains("hunter2"))
        guard case .success(let none) = ConfigurationOptions.masterKeys("env:K", file: "h.yaml", environment: [:]) else {
            Issue.record("a missing variable is no fault")
            return
        }
        #expect(none.ids.isEmpty)
    }
}
