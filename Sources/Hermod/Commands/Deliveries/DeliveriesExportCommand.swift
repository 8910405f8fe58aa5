import ArgumentParser
import Domain

struct DeliveriesExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes deliveries to standard output, newest first, a line each.",
        discussion: "Targets are masked. In CSV, text that a spreadsheet would take for a formula has an apostrophe in front.")

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case ndjson
        case csv
    }

    @OptionGroup(title: "Which") var filter: DeliveryFilterOptions
    @OptionGroup var wanted: DeliveryStateOption
    @Option(help: "ndjson or csv.") var format = Format.ndjson
    @OptionGroup(title: "The gateway") var gateway: RESTOptions

    /// Lines of one call: a few megabytes.
    private static let piece = 3_000

    func run() async throws {
        try await gateway.withClient { client in
            var cursor: String?
            repeat {
                let path =
                    "/api/v1/deliveries/export"
                    + filter.query([
                        ("format", format.rawValue), ("limit", String(Self.piece)), ("cursor", cursor), ("state", wanted.state),
                    ])
                var lines = try await client.lines(path, areQuoted: format == .csv)
                // Each piece of a CSV file has a header; the file has one.
                let header = format == .csv && !lines.isEmpty ? lines.removeFirst() : nil
                let isFirst = cursor == nil
                cursor = lines.count < Self.piece ? nil : lines.last.flatMap(id)
                if let header, isFirst { lines.insert(header, at: 0) }
                if !lines.isEmpty { StandardStream.output.write(Array(lines.joined())) }
            } while cursor != nil
        }
    }

    /// Of the delivery that a line is about.
    private func id(_ line: ArraySlice<UInt8>) -> String? {
        switch format {
        case .ndjson: (try? JSON(parsing: Array(line)))?["id"]?.string
        case .csv: String(decoding: line.prefix { $0 != UInt8(ascii: ",") }, as: UTF8.self)
        }
    }
}

extension RESTClient {
    /// The answer's lines, each with its end.
    ///
    /// - Parameter areQuoted: a line end within quotes, as a cell of CSV may hold it, ends none.
    fileprivate func lines(_ path: String, areQuoted: Bool) async throws(StartFault) -> [ArraySlice<UInt8>] {
        let bytes = try await text(path)
        var lines: [ArraySlice<UInt8>] = []
        var start = bytes.startIndex
        var isQuoted = false
        for index in bytes.indices {
            if areQuoted, bytes[index] == UInt8(ascii: "\"") { isQuoted.toggle() }
            guard bytes[index] == UInt8(ascii: "\n"), !isQuoted else { continue }
            lines.append(bytes[start...index])
            start = index + 1
        }
        return lines
    }
}
