/// Where in a body a reader stands; becomes RFC 6901 text only when there is something to report, because nearly always there is not.
enum Pointer: Sendable {
    case root
    case member(StaticString)
    case element(StaticString, Int)

    /// The JSON pointer of a member below this place.
    func text(_ name: String) -> String { "\(text)/\(Self.escape(name))" }

    var text: String {
        switch self {
        case .root: ""
        case .member(let name): "/\(name)"
        case .element(let name, let index): "/\(name)/\(index)"
        }
    }

    /// The place whatever the index.
    var pattern: String {
        switch self {
        case .root, .member: text
        case .element(let name, _): "/\(name)/*"
        }
    }

    /// RFC 6901 section 3.
    static func escape(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return name }
        return name.split(separator: "~", omittingEmptySubsequences: false).joined(separator: "~0")
            .split(separator: "/", omittingEmptySubsequences: false).joined(separator: "~1")
    }
}
