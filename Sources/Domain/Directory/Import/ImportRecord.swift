/// One record of an import: a line, or in CSV as many lines as its quoted fields reach over.
public struct ImportRecord: Sendable, Hashable {
    /// Where it begins, from 1.
    public var line: Int
    /// How many line ends it takes up.
    public var lineEnds: Int
    /// Without its line end; empty when it was too long to be kept.
    public var bytes: [UInt8]
    /// Why it can't even be taken apart.
    public var fault: String?

    public var isBlank: Bool { fault == nil && bytes.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") } }
}
