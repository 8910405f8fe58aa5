public import Domain
import Settings

/// The master keys that a process was given: the first one seals, all of them open.
public struct MasterKeys: Sendable {
    /// Why a text holds no master keys, in words that follow `vault.master_key`. Names entries by their place: what stands where an id should may be a key.
    public struct Fault: Error, Sendable, Hashable, CustomStringConvertible {
        public var description: String
    }

    let all: [MasterKey]

    /// Reads `ID:BASE64` of 32 bytes; several with commas between.
    public init(_ text: Secret) throws(Fault) {
        let entries = text.revealText().split(separator: ",", omittingEmptySubsequences: false).map(Self.trimmed)
        var keys: [MasterKey] = []
        var seen: [[UInt8]] = []
        for (index, entry) in entries.enumerated() {
            let place = entries.count == 1 ? "leads to a text that" : "leads to several keys, of which number \(index + 1)"
            let (id, bytes) = try Self.read(entry, place)
            if let other = keys.firstIndex(where: { $0.id == id }) {
                throw Fault(description: "\(place) has the same id as number \(other + 1); each key needs an id of its own")
            }
            if let other = seen.firstIndex(of: bytes) {
                throw Fault(
                    description: "\(place) has the same bytes as number \(other + 1) under another id; hermod vault generate-key makes a new one")
            }
            keys.append(MasterKey(id: id, bytes: bytes))
            seen.append(bytes)
        }
        all = keys
    }

    /// No keys: nothing can be sealed or opened.
    public init() {
        all = []
    }

    public var ids: [String] { all.map(\.id) }

    var sealing: MasterKey? { all.first }

    subscript(_ id: String) -> MasterKey? { all.first { $0.id == id } }

    /// A new key as `vault.master_key` wants it, `ID:BASE64`.
    public static func generate(id: String) -> Secret { MasterKey.newText(id: id) }

    private static func read(_ entry: Substring, _ place: String) throws(Fault) -> (id: String, bytes: [UInt8]) {
        let remedy = "write ID:BASE64 of 32 bytes, as hermod vault generate-key prints it"
        guard !entry.isEmpty else { throw Fault(description: "\(place) is empty; \(remedy)") }
        guard let colon = entry.firstIndex(of: ":") else { throw Fault(description: "\(place) has no id before a colon; \(remedy)") }
        let id = String(entry[..<colon])
        guard SettingKind<String>.identifier.reads(id) else {
            throw Fault(description: "\(place) has an id that is not \(SettingKind<String>.identifier.expectation); \(remedy)")
        }
        guard let bytes = Base64Text.decode(entry[entry.index(after: colon)...]) else {
            throw Fault(description: "\(place) has no base64 behind its id; \(remedy)")
        }
        guard bytes.count == MasterKey.byteCount else {
            throw Fault(description: "\(place) has \(bytes.count) bytes behind its id instead of \(MasterKey.byteCount); \(remedy)")
        }
        // No random key has so few different bytes; a placeholder has.
        guard Set(bytes).count > 8 else { throw Fault(description: "\(place) has bytes that are not random; \(remedy)") }
        return (id, bytes)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0.isNewline }
        var text = text.drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        return text
    }
}
