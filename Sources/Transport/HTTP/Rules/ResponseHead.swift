/// Status and headers of an answer, gathered line by line as libcurl hands them over.
struct ResponseHead {
    /// Names, colons and values of the final answer, each line ended by LF. Parsed when the caller has the answer, not on the loop's thread.
    private(set) var lines: [UInt8] = []
    private(set) var status = 0
    /// The blank line of a final answer has arrived.
    private(set) var isComplete = false

    /// An answer with more header bytes than this is not one of a push provider's; what is beyond is dropped.
    static let maxBytes = 64 * 1024

    mutating func clear() {
        lines.removeAll(keepingCapacity: true)
        status = 0
        isComplete = false
    }

    /// One line with its line end: a status line, a field, or the blank line. Interim answers (1xx) come first and are forgotten; trailers come last and are ignored.
    mutating func append(_ line: UnsafeRawBufferPointer) {
        guard !isComplete else { return }
        var end = line.count
        while end > 0, line[end - 1] == UInt8(ascii: "\n") || line[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        if end == 0 {
            if status >= 200 { isComplete = true }
            return
        }
        let content = UnsafeRawBufferPointer(rebasing: line[..<end])
        if content.count >= 9, content.starts(with: "HTTP/".utf8) {
            lines.removeAll(keepingCapacity: true)
            status = Self.status(of: content)
        } else if lines.count + end < Self.maxBytes {
            lines.append(contentsOf: content)
            lines.append(UInt8(ascii: "\n"))
        }
    }

    /// `HTTP/2 200` or `HTTP/1.1 200 OK`.
    private static func status(of line: UnsafeRawBufferPointer) -> Int {
        guard let space = line.firstIndex(of: UInt8(ascii: " ")) else { return 0 }
        var status = 0
        for byte in line[(space + 1)...].prefix(3) {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { break }
            status = status * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return status
    }

    /// Names in lower case; lines without a colon are left out.
    static func fields(of lines: [UInt8]) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        lines.withUnsafeBufferPointer { bytes in
            var start = 0
            while start < bytes.count {
                let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
                if let field = field(of: bytes[start..<end]) { fields.append(field) }
                start = end + 1
            }
        }
        return fields
    }

    /// The first value of a field, its name in lower case.
    static func value(of name: String, in lines: [UInt8]) -> String? {
        var name = name
        return name.withUTF8 { name in
            lines.withUnsafeBufferPointer { bytes in
                var start = 0
                while start < bytes.count {
                    let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
                    if isNamed(name, bytes[start..<end]), let field = field(of: bytes[start..<end]) { return field.value }
                    start = end + 1
                }
                return nil
            }
        }
    }

    private static func isNamed(_ name: UnsafeBufferPointer<UInt8>, _ line: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        guard line.count > name.count, line[line.startIndex + name.count] == UInt8(ascii: ":") else { return false }
        for index in name.indices {
            let byte = line[line.startIndex + index]
            guard name[index] == ((65...90).contains(byte) ? byte + 32 : byte) else { return false }
        }
        return !name.isEmpty
    }

    private static func field(of line: Slice<UnsafeBufferPointer<UInt8>>) -> (name: String, value: String)? {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else { return nil }
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        var value = line[(colon + 1)...].drop(while: isBlank)
        while let last = value.last, isBlank(last) { value.removeLast() }
        let name = line[..<colon]
        // On HTTP/2 they come in lower case (RFC 9113, 8.2.1).
        let lowered = name.contains { (65...90).contains($0) } ? name.map { (65...90).contains($0) ? $0 + 32 : $0 } : nil
        return (lowered.map { String(decoding: $0, as: UTF8.self) } ?? String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
    }
}
