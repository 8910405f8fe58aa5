import Crypto
import Domain
import Storage

/// A key that wraps data keys, under the id that says which one it is.
struct MasterKey: Sendable, CustomStringConvertible, CustomReflectable {
    let id: String
    let key: SymmetricKey
    /// Tells this key from another one that was given the same id. It has as many bits as no key can be searched for by.
    let check: String

    static let byteCount = 32

    init(id: String, bytes: [UInt8]) {
        self.id = id
        key = SymmetricKey(data: bytes)
        let code = HMAC<SHA256>.authenticationCode(for: BoundText(["hermod master key check 1", id]).bytes, using: key)
        check = Base64Text.encode(Array(code).prefix(16))
    }

    var mark: MasterKeyRecord.Mark { MasterKeyRecord.Mark(id: id, check: check) }

    var description: String { "master key \(id)" }
    var customMirror: Mirror { Mirror(self, children: ["id": id]) }

    /// 32 bytes of the system's randomness, as `vault.master_key` wants them.
    static func newText(id: String) -> Secret {
        let bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        return Secret("\(id):\(Base64Text.encode(bytes))")
    }
}
