/// "Relaxed" canonicalisation of RFC 6376 section 3.4: what may change on the way does not count.
enum DKIMCanonical {
    /// `name:value` with a lower-case name, unfolded, white space runs reduced to one space; without the final CRLF.
    static func header(_ field: String) -> [UInt8] {
        let bytes = Array(field.utf8)
        let colon = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
        var name = bytes[..<colon].map { (65...90).contains($0) ? $0 | 0x20 : $0 }
        while let last = name.last, isSpace(last) { name.removeLast() }
        var out = name + [UInt8(ascii: ":")]
        let start = out.count
        for byte in bytes.dropFirst(colon + 1) where byte != 0x0D && byte != 0x0A {
            if isSpace(byte) {
                if out.count > start, out.last != 0x20 { out.append(0x20) }
            } else {
                out.append(byte)
            }
        }
        if out.last == 0x20, out.count > start { out.removeLast() }
        return out
    }

    /// Lines without white space at their ends, runs of it reduced to one space, no empty lines at the end; every line ended by CRLF.
    static func body(_ body: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(body.count)
        var lineStart = 0
        /// Length up to the end of the last line that isn't empty.
        var kept = 0
        func endLine() {
            if out.count > lineStart, out.last == 0x20 { out.removeLast() }
            let isEmpty = out.count == lineStart
            out += [0x0D, 0x0A]
            if !isEmpty { kept = out.count }
            lineStart = out.count
        }
        for (index, byte) in body.enumerated() {
            switch byte {
            case 0x0D where index + 1 < body.count && body[index + 1] == 0x0A: continue
            case 0x0A where index > 0 && body[index - 1] == 0x0D: endLine()
            case 0x20, 0x09: if out.count == lineStart || out.last != 0x20 { out.append(0x20) }
            default: out.append(byte)
            }
        }
        if out.count > lineStart { endLine() }
        out.removeLast(out.count - kept)
        return out
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
