extension JSON {
    struct Malformed: Error, CustomStringConvertible {
        var description: String
    }

    /// Reads one value and nothing after it (RFC 8259); nesting deeper than 64 is refused.
    init(parsing bytes: some Collection<UInt8>) throws(Malformed) {
        var reader = Reader(bytes: Array(bytes))
        self = try reader.document()
    }
}

private struct Reader {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSON.Malformed) -> JSON {
        let value = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw fault("unexpected text after the value") }
        return value
    }

    private func fault(_ what: String) -> JSON.Malformed { JSON.Malformed(description: "\(what) at byte \(position)") }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func accept(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSON.Malformed) -> JSON {
        guard depth < 64 else { throw fault("nested too deep") }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case .some: return try number()
        case nil: throw fault("unexpected end")
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSON) throws(JSON.Malformed) -> JSON {
        for offset in 0..<text.utf8CodeUnitCount {
            guard accept(text.utf8Start[offset]) else { throw fault("unexpected character") }
        }
        return value
    }

    private mutating func object(depth: Int) throws(JSON.Malformed) -> JSON {
        position += 1
        var members: [JSON.Member] = []
        skipSpace()
        if accept(UInt8(ascii: "}")) { return .object(members) }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw fault("expected a member name") }
            let key = try string()
            skipSpace()
            guard accept(UInt8(ascii: ":")) else { throw fault("expected ':'") }
            members.append(JSON.Member(key, try value(depth: depth + 1)))
            skipSpace()
            if accept(UInt8(ascii: ",")) { continue }
            guard accept(UInt8(ascii: "}")) else { throw fault("expected ',' or '}'") }
            return .object(members)
        }
    }

    private mutating func array(depth: Int) throws(JSON.Malformed) -> JSON {
        position += 1
        var elements: [JSON] = []
        skipSpace()
        if accept(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpace()
            if accept(UInt8(ascii: ",")) { continue }
            guard accept(UInt8(ascii: "]")) else { throw fault("expected ',' or ']'") }
            return .array(elements)
        }
    }

    private mutating func number() throws(JSON.Malformed) -> JSON {
        let start = position
        _ = accept(UInt8(ascii: "-"))
        guard let first = next, isDigit(first) else { throw fault("unexpected character") }
        if !accept(UInt8(ascii: "0")) { digits() }
        if accept(UInt8(ascii: ".")) { try someDigits() }
        if accept(UInt8(ascii: "e")) || accept(UInt8(ascii: "E")) {
            _ = accept(UInt8(ascii: "+")) || accept(UInt8(ascii: "-"))
            try someDigits()
        }
        return .number(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private mutating func digits() {
        while let byte = next, isDigit(byte) { position += 1 }
    }

    private mutating func someDigits() throws(JSON.Malformed) {
        guard let byte = next, isDigit(byte) else { throw fault("expected a digit") }
        digits()
    }

    private mutating func string() throws(JSON.Malformed) -> String {
        position += 1
        let start = position
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
        if accept(UInt8(ascii: "\"")) { return try utf8(bytes[start..<(position - 1)]) }
        return try escapedString(from: start)
    }

    /// The slow way, taken from the first backslash on.
    private mutating func escapedString(from start: Int) throws(JSON.Malformed) -> String {
        var content = Array(bytes[start..<position])
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return try utf8(content[...])
            case UInt8(ascii: "\\"): try escape(into: &content)
            case 0..<0x20: throw fault("control character in a string")
            default: content.append(byte)
            }
        }
        throw fault("unexpected end of a string")
    }

    private func utf8(_ bytes: ArraySlice<UInt8>) throws(JSON.Malformed) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw fault("invalid UTF-8") }
        return text
    }

    private mutating func escape(into content: inout [UInt8]) throws(JSON.Malformed) {
        guard let byte = next else { throw fault("unexpected end of a string") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"): content.append(contentsOf: String(Character(try unicodeEscape())).utf8)
        default: throw fault("unknown escape")
        }
    }

    private mutating func unicodeEscape() throws(JSON.Malformed) -> Unicode.Scalar {
        let first = try hex4()
        if let scalar = Unicode.Scalar(first) { return scalar }
        // A surrogate makes a character only together with its other half.
        guard first < 0xDC00, accept(UInt8(ascii: "\\")), accept(UInt8(ascii: "u")) else { throw fault("lone surrogate") }
        let second = try hex4()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw fault("lone surrogate") }
        return scalar
    }

    private mutating func hex4() throws(JSON.Malformed) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw fault("expected four hex digits") }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
