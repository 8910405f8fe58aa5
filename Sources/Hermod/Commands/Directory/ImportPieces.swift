import Domain

/// Cuts a file into requests of a bounded size, at the borders of its records, so that a file of any length goes through a little memory.
///
/// The lines of a request keep their distances to each other, what is left out included: a line of the file is a line of the request plus a constant.
struct ImportPieces {
    struct Piece: Sendable, Hashable {
        var body: [UInt8]
        /// What a line number of the request has to be added to.
        var lineOffset: Int
        var records: Int
        /// What could not even be cut out, and so is not sent; by lines of the file.
        var faults: [Fault]
    }

    struct Fault: Sendable, Hashable {
        var line: Int
        var detail: String
    }

    /// No more than the faults that one answer names.
    static let mostRecords = 1_000
    static let mostBytes = 1_048_576

    private let format: ImportFormat
    private var reader: ImportReader
    /// A CSV file's first record, which begins every request.
    private var header: ImportRecord?
    private var piece: Piece?

    init(_ format: ImportFormat) {
        self.format = format
        reader = ImportReader(format)
    }

    mutating func append(_ bytes: some Sequence<UInt8>) { reader.append(bytes) }

    /// No more bytes will come.
    mutating func finish() { reader.finish() }

    /// The next request that is full; nil when more bytes are needed for one.
    mutating func next() throws(StartFault) -> Piece? {
        while let record = reader.next() {
            if format == .csv, header == nil {
                if record.isBlank { continue }
                if let fault = record.fault { throw StartFault("line \(record.line): the header line \(fault)") }
                header = record
                continue
            }
            if let full = add(record) { return full }
        }
        return nil
    }

    /// What is left when no more bytes will come.
    mutating func rest() -> Piece? {
        defer { piece = nil }
        return piece
    }

    private mutating func add(_ record: ImportRecord) -> Piece? {
        var current = piece ?? begin(at: record.line)
        if let fault = record.fault {
            current.faults.append(Fault(line: record.line, detail: fault))
            current.body += Array(repeating: UInt8(ascii: "\n"), count: record.lineEnds)
        } else {
            current.body += record.bytes
            if record.lineEnds > 0 { current.body.append(UInt8(ascii: "\n")) }
            if !record.isBlank { current.records += 1 }
        }
        let isFull = current.records + current.faults.count >= Self.mostRecords || current.body.count >= Self.mostBytes
        piece = isFull ? nil : current
        return isFull ? current : nil
    }

    private func begin(at line: Int) -> Piece {
        guard let header else { return Piece(body: [], lineOffset: line - 1, records: 0, faults: []) }
        let lines = max(1, header.lineEnds)
        return Piece(body: header.bytes + [UInt8(ascii: "\n")], lineOffset: line - 1 - lines, records: 0, faults: [])
    }
}
