/// A server's reply: basic code, enhanced status code where it gave one (RFC 3463), text.
public struct SMTPReply: Sendable, Hashable {
    public var code: Int
    /// `5.1.1`
    public var enhancedCode: String?
    /// All lines, without the codes.
    public var text: String

    public init(code: Int, enhancedCode: String? = nil, text: String = "") {
        self.code = code
        self.enhancedCode = enhancedCode
        self.text = text
    }
}

/// Where in the dialogue a reply was given.
public enum SMTPStage: String, Sendable, Hashable {
    case greeting
    case ehlo
    case starttls
    case auth
    case mail
    case rcpt
    case data
    /// After the final dot.
    case end
    /// In a probe alone: a word that changes nothing.
    case noop
    /// In a probe alone: takes the sender back.
    case reset
}

extension SMTPReply {
    /// 2xx
    public var isPositive: Bool { code / 100 == 2 }

    /// Reads a whole reply: one line or several, each `250 text` or `250-text`, line ends already taken off.
    init(lines: [[UInt8]]) {
        let code = lines.last.flatMap(Self.code) ?? 0
        var enhanced: String?
        var text: [String] = []
        for line in lines {
            var rest = line.dropFirst(4)
            if let length = Self.enhancedCodeLength(rest) {
                enhanced = enhanced ?? String(decoding: rest.prefix(length), as: UTF8.self)
                rest = rest.dropFirst(length).drop { $0 == UInt8(ascii: " ") }
            }
            text.append(String(decoding: rest, as: UTF8.self))
        }
        self.init(code: code, enhancedCode: enhanced, text: text.joined(separator: "\n"))
    }

    static func code(of line: [UInt8]) -> Int? {
        guard line.count >= 3, line[..<3].allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(line[0] - 48) * 100 + Int(line[1] - 48) * 10 + Int(line[2] - 48)
    }

    /// `[245].n.n` with one to three digits each, at the end or before a space (RFC 3463 section 2).
    private static func enhancedCodeLength(_ text: ArraySlice<UInt8>) -> Int? {
        let word = text.prefix { $0 != UInt8(ascii: " ") }
        guard (5...9).contains(word.count), let first = word.first, first == 50 || first == 52 || first == 53 else { return nil }
        let parts = word.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 1 else { return nil }
        return parts.dropFirst().allSatisfy { (1...3).contains($0.count) && $0.allSatisfy { (48...57).contains($0) } } ? word.count : nil
    }
}
