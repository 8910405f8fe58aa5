/// Collects the lines after DATA: undoes the dots, finds the end, and notes what is not as RFC 5321 wants it.
struct MailReader {
    private(set) var bytes: [UInt8] = []
    private(set) var hasBareLineEnds = false
    private(set) var hasLongLine = false
    private(set) var isTooLarge = false
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// One line without its CRLF; a bare LF or CR may still be inside. True when it was the final dot.
    mutating func take(_ line: [UInt8]) -> Bool {
        if line == [UInt8(ascii: ".")] { return true }
        let content = line.first == UInt8(ascii: ".") ? line[1...] : line[...]
        if content.contains(0x0A) || content.contains(0x0D) { hasBareLineEnds = true }
        if content.count > 998 { hasLongLine = true }
        guard bytes.count + content.count + 2 <= limit else {
            isTooLarge = true
            return false
        }
        bytes.append(contentsOf: content)
        bytes.append(0x0D)
        bytes.append(0x0A)
        return false
    }

    /// The refusal that the message has earned; nil when it is well-formed.
    var fault: SMTPReply? {
        if isTooLarge { return SMTPReply(552, "5.3.4", "Message size exceeds fixed limit") }
        if hasBareLineEnds { return SMTPReply(550, "5.6.11", "Bare <LF> or <CR> received") }
        if hasLongLine { return SMTPReply(550, "5.6.0", "Line longer than 998 octets") }
        return nil
    }
}
