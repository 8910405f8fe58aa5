/// Why a text is no JSON, and where.
public struct JSONSyntaxError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Byte offset from the start of the document.
    public var offset: Int
    public var message: String

    public var description: String { "\(message) at byte \(offset)" }
}

extension JSON {
    /// Reads one document. UTF-8 is checked, nesting is limited to 128 levels; anything behind the value but white space is an error.
    public init(parsing bytes: some Sequence<UInt8>) throws(JSONSyntaxError) {
        let result: Result<JSON, JSONSyntaxError>? = bytes.withContiguousStorageIfAvailable { JSON.read($0) }
        switch result ?? Array(bytes).withUnsafeBufferPointer({ JSON.read($0) }) {
        case .success(let value): self = value
        case .failure(let error): throw error
        }
    }

    public init(parsing text: String) throws(JSONSyntaxError) {
        try self.init(parsing: text.utf8)
    }

    private static func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<JSON, JSONSyntaxError> {
        var reader = JSONReader(bytes: bytes)
        do {
            return .success(try reader.document())
        } catch {
            return .failure(error)
        }
    }
}

private struct JSONReader {
    let bytes: UnsafeBufferPointer<UInt8>
    var at = 0
    var depth = 0

    init(bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    mutating func document() throws(JSONSyntaxError) -> JSON {
        skipSpace()
        let value = try value()
        skipSpace()
        guard at == bytes.count else { throw fault("unexpected text behind the value") }
        return value
    }

    private func fault(_ message: String) -> JSONSyntaxError { JSONSyntaxError(offset: at, message: message) }

    private mutating func skipSpace() {
        while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x0A || bytes[at] == 0x0D || bytes[at] == 0x09 { at += 1 }
    }

    private mutating func value() throws(JSONSyntaxError) -> JSON {
        guard at < bytes.count else { throw fault("unexpected end") }
        switch bytes[at] {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), 48...57: return .number(try number())
        default: throw fault("unexpected character")
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSON) throws(JSONSyntaxError) -> JSON {
        let length = word.utf8CodeUnitCount
        guard bytes.count - at >= length else { throw fault("unexpected end") }
        for index in 0..<length where bytes[at + index] != word.utf8Start[index] { throw fault("unexpected word") }
        at += length
        return value
    }

    private mutating func enter() throws(JSONSyntaxError) {
        depth += 1
        at += 1
        if depth > 128 { throw fault("nested deeper than 128 levels") }
        skipSpace()
    }

    /// After an element: true when another one follows.
    private mutating func another(closing: UInt8) throws(JSONSyntaxError) -> Bool {
        skipSpace()
        guard at < bytes.count else { throw fault("unexpected end") }
        if bytes[at] == UInt8(ascii: ",") {
            at += 1
            skipSpace()
            return true
        }
        guard bytes[at] == closing else { throw fault("expected , or the closing bracket") }
        return false
    }

    private mutating func array() throws(JSONSyntaxError) -> [JSON] {
        try enter()
        var elements: [JSON] = []
        if at < bytes.count, bytes[at] != UInt8(ascii: "]") {
            repeat { elements.append(try value()) } while try another(closing: UInt8(ascii: "]"))
        }
        guard at < bytes.count else { throw fault("unexpected end") }
        at += 1
        depth -= 1
        return elements
    }

    private mutating func object() throws(JSONSyntaxError) -> JSONObject {
        try enter()
        var members: [JSONObject.Member] = []
        if at < bytes.count, bytes[at] != UInt8(ascii: "}") {
            repeat {
                guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { throw fault("expected a member name") }
                let key = try string()
                skipSpace()
                guard at < bytes.count, bytes[at] == UInt8(ascii: ":") else { throw fault("expected :") }
                at += 1
                skipSpace()
                members.append(.init(key: key, value: try value()))
            } while try another(closing: UInt8(ascii: "}"))
        }
        guard at < bytes.count else { throw fault("unexpected end") }
        at += 1
        depth -= 1
        return JSONObject(members: members)
    }

    private mutating func number() throws(JSONSyntaxError) -> String {
        let start = at
        func digit() -> Bool { at < bytes.count && bytes[at] >= 48 && bytes[at] <= 57 }
        if bytes[at] == UInt8(ascii: "-") { at += 1 }
        guard digit() else { throw fault("expected a digit") }
        if bytes[at] == 48 { at += 1 } else { while digit() { at += 1 } }
        if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
            at += 1
            guard digit() else { throw fault("expected a digit") }
            while digit() { at += 1 }
        }
        if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
            guard digit() else { throw fault("expected a digit") }
            while digit() { at += 1 }
        }
        return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<at]), as: UTF8.self)
    }

    private mutating func string() throws(JSONSyntaxError) -> String {
        at += 1
        let start = at
        while at < bytes.count, bytes[at] != UInt8(ascii: "\""), bytes[at] != UInt8(ascii: "\\"), bytes[at] >= 0x20 { at += 1 }
        guard at < bytes.count else { throw fault("unterminated string") }
        if bytes[at] == UInt8(ascii: "\"") {
            let text = try decode(UnsafeBufferPointer(rebasing: bytes[start..<at]))
            at += 1
            return text
        }
        var out = Array(bytes[start..<at])
        while true {
            guard at < bytes.count else { throw fault("unterminated string") }
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") { break }
            guard byte >= 0x20 else { throw fault("control character in a string") }
            at += 1
            guard byte == UInt8(ascii: "\\") else {
                out.append(byte)
                continue
            }
            try escape(into: &out)
        }
        at += 1
        return try decode(out)
    }

    private func decode(_ text: some Collection<UInt8>) throws(JSONSyntaxError) -> String {
        guard let text = String(validating: text, as: UTF8.self) else { throw fault("the string is not UTF-8") }
        return text
    }

    private mutating func escape(into out: inout [UInt8]) throws(JSONSyntaxError) {
        guard at < bytes.count else { throw fault("unterminated string") }
        let byte = bytes[at]
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(byte)
        case UInt8(ascii: "b"): out.append(0x08)
        case UInt8(ascii: "f"): out.append(0x0C)
        case UInt8(ascii: "n"): out.append(0x0A)
        case UInt8(ascii: "r"): out.append(0x0D)
        case UInt8(ascii: "t"): out.append(0x09)
        case UInt8(ascii: "u"):
            var code = try hex4()
            if code & 0xFC00 == 0xD800 {
                guard bytes.count - at >= 6, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") else {
                    throw fault("a lone surrogate")
                }
                at += 2
                let low = try hex4()
                guard low & 0xFC00 == 0xDC00 else { throw fault("a lone surrogate") }
                code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
            }
            guard let scalar = Unicode.Scalar(code) else { throw fault("a lone surrogate") }
            out.append(contentsOf: UTF8.encode(scalar)!)
        default: throw fault("unknown escape")
        }
    }

    private mutating func hex4() throws(JSONSyntaxError) -> UInt32 {
        guard bytes.count - at >= 4 else { throw fault("unterminated escape") }
        var value: UInt32 = 0
        for _ in 0..<4 {
            let byte = bytes[at]
            let digit: UInt8
            switch byte {
            case 48...57: digit = byte - 48
            case 65...70: digit = byte - 55
            case 97...102: digit = byte - 87
            default: throw fault("expected four hex digits")
            }
            value = value << 4 | UInt32(digit)
            at += 1
        }
        return value
    }
}
