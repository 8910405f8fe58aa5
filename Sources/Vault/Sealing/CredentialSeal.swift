import Crypto
import Domain
import Storage

/// AES-256-GCM over a credential, with a data key of its own that a master key wraps.
///
/// Both are bound to the org, provider, name and version, and the wrapped key to the master key's id besides: what is put into another row opens nowhere.
enum CredentialSeal {
    /// - Parameter plaintext: what `SealedAccount` has written.
    static func seal(_ plaintext: [UInt8], as id: SealedCredential.ID, with master: MasterKey) throws -> SealedCredential.Envelope {
        let dataKey = SymmetricKey(size: .bits256)
        let sealed = try AES.GCM.seal(plaintext, using: dataKey, authenticating: content(id))
        return SealedCredential.Envelope(
            masterKeyID: master.id, wrappedKey: try wrap(dataKey, of: id, with: master), sealed: try text(sealed))
    }

    /// Nil when it does not open: the row was altered, or is not the one that was sealed.
    static func open(_ credential: SealedCredential, with master: MasterKey) -> [UInt8]? {
        guard let dataKey = unwrap(credential, with: master), let box = box(credential.envelope.sealed),
            let plaintext = try? AES.GCM.open(box, using: dataKey, authenticating: content(credential.id))
        else { return nil }
        return Array(plaintext)
    }

    /// The same data key wrapped by another master key; nil when it does not unwrap.
    static func rewrap(_ credential: SealedCredential, from old: MasterKey, to new: MasterKey) -> String? {
        guard let dataKey = unwrap(credential, with: old) else { return nil }
        return try? wrap(dataKey, of: credential.id, with: new)
    }

    private static func wrap(_ dataKey: SymmetricKey, of id: SealedCredential.ID, with master: MasterKey) throws -> String {
        try text(AES.GCM.seal(dataKey.withUnsafeBytes { Array($0) }, using: master.key, authenticating: key(id, master.id)))
    }

    private static func unwrap(_ credential: SealedCredential, with master: MasterKey) -> SymmetricKey? {
        guard credential.envelope.masterKeyID == master.id, let box = box(credential.envelope.wrappedKey),
            let bytes = try? AES.GCM.open(box, using: master.key, authenticating: key(credential.id, master.id))
        else { return nil }
        return SymmetricKey(data: bytes)
    }

    /// Nonce, ciphertext and tag, in that order.
    private static func text(_ box: AES.GCM.SealedBox) throws -> String {
        guard let combined = box.combined else { throw VaultFault.unusable("AES-GCM gave no combined text") }
        return Base64Text.encode(combined)
    }

    private static func box(_ text: String) -> AES.GCM.SealedBox? {
        Base64Text.decode(text).flatMap { try? AES.GCM.SealedBox(combined: $0) }
    }

    private static func content(_ id: SealedCredential.ID) -> [UInt8] {
        BoundText(["hermod credential 1", id.lane.orgID, id.lane.provider.rawValue, id.lane.credential, String(id.version)]).bytes
    }

    private static func key(_ id: SealedCredential.ID, _ master: String) -> [UInt8] {
        BoundText(["hermod data key 1", id.lane.orgID, id.lane.provider.rawValue, id.lane.credential, String(id.version), master]).bytes
    }
}
