import Domain
import Storage

/// Opens what was sealed with the keys that are at hand, and says in words why something can't be opened.
struct CredentialOpener: Sendable {
    private let reading: MasterKeySource.Reading
    private let records: [String: MasterKeyRecord]
    private let isReadAgain: Bool

    init(_ reading: MasterKeySource.Reading, _ records: [MasterKeyRecord], isReadAgain: Bool) {
        self.reading = reading
        self.records = Dictionary(records.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.isReadAgain = isReadAgain
    }

    /// - Parameter last: the same version as it was held before, opened perhaps: it stays open when its key has gone meanwhile, for it is the same secret.
    func open(_ sealed: SealedCredential, after last: HeldVersion?) -> HeldVersion {
        let known = last.flatMap { $0.sealed.id == sealed.id && $0.sealed.envelope.sealed == sealed.envelope.sealed ? $0.opened : nil }
        if let fault = fault(of: sealed.envelope.masterKeyID) {
            return HeldVersion(sealed: sealed, opened: known, fault: fault)
        }
        if let known { return HeldVersion(sealed: sealed, opened: known, fault: nil) }
        guard let key = reading.keys[sealed.envelope.masterKeyID], let plaintext = CredentialSeal.open(sealed, with: key) else {
            return HeldVersion(
                sealed: sealed, opened: nil,
                fault: """
                    does not open, though the master key \(sealed.envelope.masterKeyID) is the right one: its row in the database was altered, or comes \
                    from another place; set the credential again
                    """)
        }
        guard let account = SealedAccount(plaintext, provider: sealed.lane.provider) else {
            return HeldVersion(
                sealed: sealed, opened: nil, fault: "was sealed in a form that this program does not know; run the newer program that has sealed it")
        }
        return HeldVersion(sealed: sealed, opened: account, fault: nil)
    }

    /// Why a key can't be used, in words that follow "it" or a credential; nil: it can.
    func fault(of id: String) -> String? {
        let record = records[id]
        if let record, let retired = record.retiredAt {
            return "is sealed with the master key \(id), which was retired on \(retired.rfc3339Seconds); set the credential again"
        }
        guard let key = reading.keys[id] else {
            let problem = reading.keys.ids.isEmpty ? reading.problem.map { ": it \($0)" } ?? "" : ", which has \(Self.list(reading.keys.ids))"
            return "is sealed with the master key \(id), which is not in vault.master_key\(problem); add \(id) there\(takeUp)"
        }
        guard let record, record.mark == key.mark else {
            return
                "is sealed with another master key than the one that vault.master_key now has under the id \(id); give \(id) the bytes that it had\(takeUp)"
        }
        return nil
    }

    /// The key to seal with; throws words when there is none that may.
    func sealingKey() throws(VaultFault) -> MasterKey {
        guard let key = reading.keys.sealing else {
            throw .noMasterKey(
                "there is no master key to seal credentials with: vault.master_key \(reading.problem ?? "is empty"); hermod vault generate-key makes one"
            )
        }
        if let record = records[key.id] { try admit(key, record) }
        return key
    }

    /// Throws words when the record speaks against sealing with this key.
    func admit(_ key: MasterKey, _ record: MasterKeyRecord) throws(VaultFault) {
        if let retired = record.retiredAt {
            let current = records.values.filter { $0.retiredAt == nil }.max { ($0.firstUsedAt, $0.id) < ($1.firstUsedAt, $1.id) }?.id
            throw .noMasterKey(
                """
                the master key \(key.id) was retired on \(retired.rfc3339Seconds) and seals nothing any more; \
                \(current.map { "put \($0), the current one, first in vault.master_key" } ?? "put a newer one first in vault.master_key")\(takeUp)
                """)
        }
        guard record.mark == key.mark else {
            throw .noMasterKey(
                """
                vault.master_key has other bytes under the id \(key.id) than the master key that the database knows by it; \
                give \(key.id) the bytes that it had, or the new key an id of its own\(takeUp)
                """)
        }
    }

    /// False for a key whose bytes are not those that the database knows by its id.
    func isGenuine(_ key: MasterKey) -> Bool { records[key.id].map { $0.mark == key.mark } ?? true }

    /// Why nothing can be sealed; nil: it can.
    var sealingFault: String? {
        do throws(VaultFault) {
            _ = try sealingKey()
            return nil
        } catch {
            return error.description
        }
    }

    private var takeUp: String { isReadAgain ? " (the file is read again by itself)" : " and start again" }

    private static func list(_ ids: [String]) -> String { ids.joined(separator: ", ") }
}
