/// Cuts a stream of bytes into records, in memory that is bounded by the longest record: the same cuts, however the bytes come in pieces.
///
/// What is faulty costs as little as can be: a line that is too long ends at its line end, and a quote that is never closed takes its own line with it,
/// not the rest of the file.
public struct ImportReader: Sendable {
    /// Bytes of one record.
    public static let limit = 262_144

    private enum Place {
        case fieldStart
        case unquoted
        case quoted
        /// Behind a quote in a quoted field: its end, or the first half of an escaped one.
        case afterQuote
        /// A quoted field was followed by something else: the line is lost.
        case broken
    }

    private enum End {
        case found(Int)
        case unknown
        case tooLong
        case broken(String)
    }

    private let format: ImportFormat
    private let limit: Int
    private var buffer: [UInt8] = []
    /// Where the record begins that is looked at.
    private var start = 0
    /// Up to where it has been looked at.
    private var scanned = 0
    private var place = Place.fieldStart
    private var line = 1
    private var isComplete = false
    private var isAtBeginning = true
    /// In a line that is too long, of which nothing is kept.
    private var isSkipping = false

    public init(_ format: ImportFormat, limit: Int = Self.limit) {
        self.format = format
        self.limit = limit
    }

    public mutating func append(_ bytes: some Sequence<UInt8>) {
        buffer.removeFirst(start)
        scanned -= start
        start = 0
        buffer.append(contentsOf: bytes)
    }

    /// No more bytes will come: what is left over is the last record.
    public mutating func finish() { isComplete = true }

    /// Nil when more bytes are needed, or when all has been given out.
    public mutating func next() -> ImportRecord? {
        skipByteOrderMark()
        while start < buffer.count || isSkipping && isComplete {
            if isSkipping {
                guard let record = skip() else { return nil }
                return record
            }
            switch end() {
            case .found(let end):
                return take(upTo: end)
            case .unknown:
                guard isComplete else { return nil }
                return place == .quoted ? takeFirstLine("a quoted field is opened and never closed") : take(upTo: buffer.count)
            case .tooLong where place == .quoted && buffer[start...start + limit].contains(Self.lineEnd):
                return takeFirstLine("a quoted field is opened and not closed within \(limit) bytes")
            case .tooLong:
                isSkipping = true
                scanned = start
            case .broken(let fault):
                return takeFirstLine(fault)
            }
        }
        return nil
    }

    private static let lineEnd = UInt8(ascii: "\n")

    private mutating func skipByteOrderMark() {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        guard isAtBeginning, isComplete || buffer.count >= mark.count else { return }
        isAtBeginning = false
        if buffer.starts(with: mark) { (start, scanned) = (mark.count, mark.count) }
    }
}

extension ImportReader {
    /// Looks for the end of the record, from where the last look left off.
    private mutating func end() -> End {
        let bound = min(buffer.count, start + limit + 1)
        let end = format == .ndjson ? plainEnd(bound) : quotedEnd(bound)
        if let end { return end }
        scanned = bound
        return bound - start > limit ? .tooLong : .unknown
    }

    private func plainEnd(_ bound: Int) -> End? {
        buffer[scanned..<bound].firstIndex(of: Self.lineEnd).map { .found($0) }
    }

    private mutating func quotedEnd(_ bound: Int) -> End? {
        let from = scanned
        var place = place
        defer { self.place = place }
        return buffer.withUnsafeBufferPointer { bytes in
            for index in from..<bound {
                let byte = bytes[index]
                switch place {
                case .fieldStart, .unquoted:
                    switch byte {
                    case Self.lineEnd: return .found(index)
                    case UInt8(ascii: ","): place = .fieldStart
                    case UInt8(ascii: "\"") where place == .fieldStart: place = .quoted
                    default: place = .unquoted
                    }
                case .quoted:
                    if byte == UInt8(ascii: "\"") { place = .afterQuote }
                case .afterQuote:
                    switch byte {
                    case Self.lineEnd: return .found(index)
                    case UInt8(ascii: ","): place = .fieldStart
                    case UInt8(ascii: "\""): place = .quoted
                    case UInt8(ascii: "\r"): break
                    default: place = .broken
                    }
                case .broken:
                    if byte == Self.lineEnd { return .broken("a quoted field is followed by something else than a comma or the end of the line") }
                }
            }
            return nil
        }
    }
}

extension ImportReader {
    /// - Parameter end: where its line end stands, or where the bytes end.
    private mutating func take(upTo end: Int) -> ImportRecord {
        if place == .broken { return takeFirstLine("a quoted field is followed by something else than a comma or the end of the line") }
        var last = end
        if last > start, buffer[last - 1] == UInt8(ascii: "\r") { last -= 1 }
        return leave(ImportRecord(line: line, lineEnds: 0, bytes: Array(buffer[start..<last]), fault: nil), at: end)
    }

    /// Gives up the line in which the record begins; what stands behind it is looked at anew.
    private mutating func takeFirstLine(_ fault: String) -> ImportRecord {
        let end = buffer[start...].firstIndex(of: Self.lineEnd) ?? buffer.count
        return leave(ImportRecord(line: line, lineEnds: 0, bytes: [], fault: fault), at: end)
    }

    private mutating func leave(_ record: ImportRecord, at end: Int) -> ImportRecord {
        let next = min(end + 1, buffer.count)
        var record = record
        record.lineEnds = buffer[start..<next].count { $0 == Self.lineEnd }
        line += record.lineEnds
        (start, scanned, place) = (next, next, .fieldStart)
        return record
    }

    /// Throws away what belongs to a line that is too long.
    private mutating func skip() -> ImportRecord? {
        let end = buffer[start...].firstIndex(of: Self.lineEnd)
        if end == nil {
            (start, scanned) = (buffer.count, buffer.count)
            guard isComplete else { return nil }
        }
        isSkipping = false
        let fault = "is longer than \(limit) bytes"
        return leave(ImportRecord(line: line, lineEnds: 0, bytes: [], fault: fault), at: end ?? buffer.count)
    }
}
