import Domain
import Testing

@Suite("Reading an import")
struct ImportReaderTests {
    /// What is read when the bytes come in pieces of each of these sizes: always the same.
    private func read(_ text: String, _ format: ImportFormat, limit: Int = 64) throws -> [ImportRecord] {
        try read(Array(text.utf8), format, limit: limit)
    }

    private func read(_ bytes: [UInt8], _ format: ImportFormat, limit: Int = 64) throws -> [ImportRecord] {
        let readings = [1, 2, 3, 7, 65, 1_000_000].map { size in
            var reader = ImportReader(format, limit: limit)
            var records: [ImportRecord] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                reader.append(bytes[start..<min(start + size, bytes.count)])
                while let record = reader.next() { records.append(record) }
            }
            reader.finish()
            while let record = reader.next() { records.append(record) }
            return records
        }
        for reading in readings { #expect(reading == readings[0]) }
        return readings[0]
    }

    private func text(_ record: ImportRecord) -> String { "\(record.line): " + (record.fault ?? String(decoding: record.bytes, as: UTF8.self)) }

    @Test func `lines end with LF or CRLF, the last one with or without, and a mark of byte order counts for nothing`() throws {
        for (text, expected) in [
            ("{}\n{\"a\": 1}\n", ["1: {}", "2: {\"a\": 1}"]), ("{}\r\n\r\n{}", ["1: {}", "2: ", "3: {}"]), ("\u{FEFF}{}\n", ["1: {}"]), ("", []),
            ("\n\n", ["1: ", "2: "]), ("\u{FEFF}", []), ("x", ["1: x"]),
        ] {
            #expect(try read(text, .ndjson).map(self.text) == expected)
            #expect(try read(text.replacing("\"a\"", with: "a"), .csv).map(self.text) == expected.map { $0.replacing("\"a\"", with: "a") })
        }
        #expect(try read(" \t\r\n{}", .ndjson).map(\.isBlank) == [true, false])
    }

    @Test func `a record may reach over several lines inside quotes, in CSV alone`() throws {
        let text = "a,b\n\"one\ntwo\",\"say \"\"hi\"\"\n\"\nx,y\n"
        let records = try read(text, .csv)
        #expect(records.map(self.text) == ["1: a,b", "2: \"one\ntwo\",\"say \"\"hi\"\"\n\"", "5: x,y"])
        #expect(records.map(\.lineEnds) == [1, 3, 1])
        #expect(CSVFields.read(records[1].bytes) == ["one\ntwo", "say \"hi\"\n"])
        #expect(try read(text, .ndjson).count == 5)
    }

    @Test func `fields are taken apart as RFC 4180 says`() {
        for (line, fields) in [
            ("", [""]), ("a,,c", ["a", "", "c"]), (",", ["", ""]), ("\"\"", [""]), ("\"a,b\",c", ["a,b", "c"]), ("a\"b,c", ["a\"b", "c"]),
            ("\"\"\"\",x", ["\"", "x"]), ("ø, å ", ["ø", " å "]),
        ] { #expect(CSVFields.read(Array(line.utf8)) == fields) }
        #expect(CSVFields.read([0x61, 0xFF]) == nil)
    }

    @Test func `a line that is too long is lost alone`() throws {
        let long = String(repeating: "x", count: 65)
        let limit = String(repeating: "y", count: 64)
        for format in ImportFormat.allCases {
            #expect(
                try read("a\n\(long)\nb\n\(limit)\nc\n\(long)", format).map(self.text) == [
                    "1: a", "2: is longer than 64 bytes", "3: b", "4: \(limit)", "5: c", "6: is longer than 64 bytes",
                ])
        }
    }

    @Test func `a quote that is not closed takes its own line with it and no other`() throws {
        let never = "a quoted field is opened and never closed"
        #expect(try read("a\n\"b\nc\nd", .csv).map(text) == ["1: a", "2: \(never)", "3: c", "4: d"])
        #expect(try read("a,\"b", .csv).map(text) == ["1: \(never)"])
        let filler = (0..<30).map { "l\($0)" }
        let within = "a quoted field is opened and not closed within 64 bytes"
        #expect(
            try read("\"b\n" + filler.joined(separator: "\n"), .csv).map(text) == ["1: \(within)"] + filler.enumerated().map { "\($0 + 2): \($1)" })
        let broken = "a quoted field is followed by something else than a comma or the end of the line"
        #expect(try read("\"a\"b,c\nd\n\"e\nf\"g\nh", .csv).map(text) == ["1: \(broken)", "2: d", "3: \(broken)", "4: f\"g", "5: h"])
        #expect(try read("\"a\"b", .csv).map(text) == ["1: \(broken)"])
    }
}
