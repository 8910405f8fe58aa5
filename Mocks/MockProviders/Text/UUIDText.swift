/// Version 4 UUIDs in lower case.
enum UUIDText {
    // The system's generator has no size, and the compiler tells the thread sanitizer of accesses to it at an address that it does not have: so it is not passed on.
    static func make() -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        for word in [UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max)] {
            withUnsafeBytes(of: word) { bytes.append(contentsOf: $0) }
        }
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let hex = Hex.text(of: bytes)
        var text = ""
        for (index, character) in hex.enumerated() {
            if index == 8 || index == 12 || index == 16 || index == 20 { text.append("-") }
            text.append(character)
        }
        return text
    }
}
