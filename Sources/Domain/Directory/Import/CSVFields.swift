/// The fields of one CSV record (RFC 4180 section 2).
public enum CSVFields {
    /// Nil when the bytes are not UTF-8. A quote inside a field that is not quoted stands for itself.
    public static func read(_ bytes: [UInt8]) -> [String]? {
        var fields: [String] = []
        var field: [UInt8] = []
        var at = 0
        while true {
            field.removeAll(keepingCapacity: true)
            if at < bytes.count, bytes[at] == UInt8(ascii: "\"") {
                at = quoted(bytes, from: at + 1, into: &field)
            } else {
                let end = bytes[at...].firstIndex(of: UInt8(ascii: ",")) ?? bytes.count
                field.append(contentsOf: bytes[at..<end])
                at = end
            }
            guard let text = String(validating: field, as: UTF8.self) else { return nil }
            fields.append(text)
            guard at < bytes.count else { return fields }
            at += 1
        }
    }

    /// - Returns: the index of the comma behind the field, or of the end.
    private static func quoted(_ bytes: [UInt8], from start: Int, into field: inout [UInt8]) -> Int {
        var at = start
        while at < bytes.count {
            if bytes[at] != UInt8(ascii: "\"") {
                field.append(bytes[at])
            } else if at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "\"") {
                field.append(bytes[at])
                at += 1
            } else {
                return bytes[at...].firstIndex(of: UInt8(ascii: ",")) ?? bytes.count
            }
            at += 1
        }
        return at
    }
}
