import NIOCore

/// Cuts what a client sends into lines.
struct SMTPLines {
    enum Next: Equatable {
        /// Without its line end.
        case line([UInt8])
        /// The rest of the line has not come yet.
        case none
        case tooLong
    }

    private static let commandLimit = 8192

    private var input = ByteBuffer()
    /// How far `input` has been looked through for a line end.
    private var searched = 0

    mutating func append(_ buffer: inout ByteBuffer) { input.writeBuffer(&buffer) }

    /// Forgets what has not been read.
    mutating func clear() {
        input.clear()
        searched = 0
    }

    /// The next line. A bare LF ends a command, as most servers allow, but never a line of mail.
    mutating func next(inMail: Bool) -> Next {
        let view = input.readableBytesView
        var index = view.startIndex + searched
        while index < view.endIndex {
            let isEnd = view[index] == 0x0A && (!inMail || (index > view.startIndex && view[index - 1] == 0x0D))
            if isEnd {
                var line = Array(view[view.startIndex..<index])
                if line.last == 0x0D { line.removeLast() }
                input.moveReaderIndex(to: index + 1)
                input.discardReadBytes()
                searched = 0
                return .line(line)
            }
            index += 1
        }
        searched = view.count
        return view.count > (inMail ? Limits.mail : Self.commandLimit) ? .tooLong : .none
    }
}
