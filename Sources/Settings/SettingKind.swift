/// How a setting's text becomes its value. The same for a line of YAML and for an environment variable.
public struct SettingKind<Value> {
    /// Ends the sentence "must be …".
    public var expectation: String
    /// False where the text may be a secret that somebody wrote down by mistake: then a fault does not repeat it.
    public var mayBeShown: Bool
    /// Nil for a text that is not acceptable.
    public let read: (String) -> Value?

    public init(_ expectation: String, mayBeShown: Bool = true, read: @escaping (String) -> Value?) {
        self.expectation = expectation
        self.mayBeShown = mayBeShown
        self.read = read
    }

    /// Whether the text would be accepted.
    public func reads(_ text: String) -> Bool { read(text) != nil }

    func complaint(about text: String) -> String {
        "must be \(expectation)" + (mayBeShown ? ", not \"\(text.prefix(80))\"" : "")
    }
}

extension SettingKind where Value == String {
    /// Any text, the empty one too.
    public static var text: SettingKind { SettingKind("text") { $0 } }

    /// Text that is there.
    public static var word: SettingKind { SettingKind("a text that is not empty") { $0.isEmpty ? nil : $0 } }

    /// What may stand in URLs, lane names and file names without a second thought.
    public static var identifier: SettingKind {
        SettingKind("1 to 64 letters, digits, \"_\", \"-\" or \".\"") { text in
            (1...64).contains(text.utf8.count)
                && text.utf8.allSatisfy {
                    switch $0 {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                        UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
                        true
                    default: false
                    }
                } ? text : nil
        }
    }

    /// `https://host` or `http://host`, with port and path where wanted; a slash at the end is dropped.
    public static var origin: SettingKind {
        SettingKind("an https:// or http:// address with a host") { text in
            guard let scheme = ["https://", "http://"].first(where: text.hasPrefix) else { return nil }
            let rest = text.dropFirst(scheme.count)
            guard let first = rest.first, first != "/", first != ":", rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !rest.contains("@"),
                !rest.contains("?"), !rest.contains("#")
            else { return nil }
            return text.hasSuffix("/") ? String(text.dropLast()) : text
        }
    }
}

extension SettingKind where Value == Bool {
    public static var boolean: SettingKind { SettingKind("true or false") { $0 == "true" ? true : $0 == "false" ? false : nil } }
}

extension SettingKind where Value == Int {
    public static func integer(_ range: ClosedRange<Int>) -> SettingKind {
        SettingKind("a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// Bytes, written `65536`, `64KiB` or `1MiB`.
    public static func size(_ range: ClosedRange<Int>) -> SettingKind {
        SettingKind("a size such as 512KiB or 1MiB, from \(SettingsText.size(range.lowerBound)) to \(SettingsText.size(range.upperBound))") { text in
            SettingsText.bytes(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension SettingKind where Value == Duration {
    /// `500ms`, `10s`, `15m`, `1h`, `2d`.
    public static func duration(_ range: ClosedRange<Duration>) -> SettingKind {
        SettingKind(
            "a time such as 500ms, 10s, 15m or 1h, from \(SettingsText.duration(range.lowerBound)) to \(SettingsText.duration(range.upperBound))"
        ) { text in
            SettingsText.duration(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension SettingKind where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the enumeration's raw values.
    public static var choice: SettingKind {
        let words = Value.allCases.map(\.rawValue)
        return SettingKind(words.count == 1 ? words[0] : "\(words.dropLast().joined(separator: ", ")) or \(words.last ?? "")") { Value(rawValue: $0) }
    }
}
