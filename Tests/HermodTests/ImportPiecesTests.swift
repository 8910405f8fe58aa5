import Domain
import Testing

@testable import Hermod

@Suite struct ImportPiecesTests {
    /// The requests that a file becomes, however it comes in pieces: always the same.
    private func pieces(_ text: String, _ format: ImportFormat) throws -> [ImportPieces.Piece] {
        let bytes = Array(text.utf8)
        let readings = try [7, 65_536, 10_000_000].map { size in
            var cutter = ImportPieces(format)
            var pieces: [ImportPieces.Piece] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                cutter.append(bytes[start..<min(start + size, bytes.count)])
                while let piece = try cutter.next() { pieces.append(piece) }
            }
            cutter.finish()
            while let piece = try cutter.next() { pieces.append(piece) }
            if let rest = cutter.rest() { pieces.append(rest) }
            return pieces
        }
        #expect(readings[0] == readings[1] && readings[1] == readings[2])
        return readings[2]
    }

    /// The lines of the file that the records of a piece stand in, by what the gateway would call them.
    private func lines(_ piece: ImportPieces.Piece, _ format: ImportFormat) -> [(line: Int, text: String)] {
        var reader = ImportReader(format)
        reader.append(piece.body)
        reader.finish()
        var lines: [(Int, String)] = []
        while let record = reader.next() {
            if !record.isBlank { lines.append((record.line + piece.lineOffset, String(decoding: record.bytes, as: UTF8.self))) }
        }
        return format == .csv ? Array(lines.dropFirst()) : lines
    }

    @Test func `a request ends at a thousand records, and every line keeps its number in the file`() throws {
        let text = (1...2_500).map { $0.isMultiple(of: 10) ? "\n" : "{\"line\": \($0)}\r\n" }.joined()
        let pieces = try pieces(text, .ndjson)
        #expect(pieces.map(\.records) == [1_000, 1_000, 250])
        for (line, text) in pieces.flatMap({ lines($0, .ndjson) }) { #expect(text == "{\"line\": \(line)}") }
        #expect(pieces.flatMap { lines($0, .ndjson) }.count == 2_250)
    }

    @Test func `each request of a CSV file begins with its header, and quoted line ends are not cut`() throws {
        let records = (0..<1_500).map { $0.isMultiple(of: 7) ? "user,\"a\nb\($0)\"\n" : "user,\($0)\n" }
        let pieces = try pieces("\u{FEFF}\n\"kind\",\"i\nd\"\n" + records.joined(), .csv)
        #expect(pieces.map(\.records) == [1_000, 500])
        for piece in pieces { #expect(String(decoding: piece.body, as: UTF8.self).hasPrefix("\"kind\",\"i\nd\"\nuser,")) }
        var expected: [(line: Int, text: String)] = []
        var line = 4
        for record in records {
            expected.append((line, String(record.dropLast())))
            line += record.count { $0 == "\n" }
        }
        let found = pieces.flatMap { lines($0, .csv) }
        #expect(found.map(\.line) == expected.map(\.line))
        #expect(found.map(\.text) == expected.map(\.text))
    }

    @Test func `long records make requests of few; what can't be cut out is told and not sent`() throws {
        let long = String(repeating: "x", count: 200_000)
        let tooLong = String(repeating: "y", count: ImportReader.limit + 1)
        let pieces = try pieces([long, tooLong, long, long, long, long, long, "end"].joined(separator: "\n"), .ndjson)
        #expect(pieces.map(\.records) == [6, 1])
        #expect(pieces[0].faults == [ImportPieces.Fault(line: 2, detail: "is longer than 262144 bytes")])
        #expect(lines(pieces[0], .ndjson).map(\.line) == [1, 3, 4, 5, 6, 7])
        #expect(lines(pieces[1], .ndjson).map(\.line) == [8])
        #expect(pieces.allSatisfy { $0.body.count < ImportPieces.mostBytes + ImportReader.limit })
    }

    @Test func `a header that is no record ends the import; a file of nothing is no request`() throws {
        #expect(throws: StartFault("line 1: the header line a quoted field is opened and never closed")) { try pieces("\"kind,id\nuser,u", .csv) }
        for text in ["", "\n\n", "kind,id\n"] { #expect(try pieces(text, .csv).allSatisfy { $0.records == 0 }) }
    }

    @Test func `progress says how far it is, how fast, and how long it will take`() {
        var progress = ImportProgress(total: 1_000)
        #expect(progress.line(after: .zero) == "[........................] 0 %, 0 lines, 0/s")
        (progress.sent, progress.records) = (250, 12_345)
        #expect(progress.line(after: .seconds(30)) == "[######..................] 25 %, 12,345 lines, 411/s, 1 min 30 s left")
        progress.sent = 1_000
        #expect(progress.line(after: .seconds(30)) == "[########################] 100 %, 12,345 lines, 411/s")
        progress.total = nil
        #expect(progress.line(after: .seconds(10)) == "12,345 lines, 1,234/s")
    }
}
