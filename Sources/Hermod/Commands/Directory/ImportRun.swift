import Domain

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What an import has come to.
struct ImportOutcome: Sendable, Hashable {
    var imported = 0
    var failed = 0
}

/// One file on its way to the gateway, piece after piece: their order is the file's.
struct ImportRun {
    private static let pieceOfFile = 262_144

    let client: RESTClient
    let format: ImportFormat
    /// Stands before the line number of each fault.
    let name: String
    private(set) var outcome = ImportOutcome()
    private var progress: ImportProgress
    private let isTerminal = isatty(2) == 1
    private let start = ContinuousClock.now
    private var warnings: Set<String> = []

    init(client: RESTClient, format: ImportFormat, name: String, size: Int?) {
        self.client = client
        self.format = format
        self.name = name
        progress = ImportProgress(total: size)
    }

    mutating func send(_ input: borrowing InputFile) async throws(StartFault) {
        var pieces = ImportPieces(format)
        while true {
            let bytes = try input.read(Self.pieceOfFile)
            if bytes.isEmpty { break }
            pieces.append(bytes)
            progress.sent += bytes.count
            while let piece = try pieces.next() { try await send(piece) }
        }
        pieces.finish()
        while let piece = try pieces.next() { try await send(piece) }
        if let rest = pieces.rest() { try await send(rest) }
        clear()
    }

    private mutating func send(_ piece: ImportPieces.Piece) async throws(StartFault) {
        var faults = piece.faults
        if piece.records > 0 {
            let answer: (json: JSON, warning: String?)
            do throws(StartFault) {
                answer = try await client.post("/api/v1/directory/import", piece.body, type: format.mediaType)
            } catch {
                clear()
                throw error
            }
            outcome.imported += answer.json["imported"]?.integer.map(Int.init) ?? 0
            outcome.failed += answer.json["failed"]?.integer.map(Int.init) ?? 0
            for error in answer.json["errors"]?.array ?? [] {
                let line = error["line"]?.integer.map(Int.init) ?? 0
                faults.append(ImportPieces.Fault(line: line + piece.lineOffset, detail: error["detail"]?.string ?? "-"))
            }
            if let warning = answer.warning, warnings.insert(warning).inserted { tell("\(name): \(warning)") }
        }
        outcome.failed += piece.faults.count
        for fault in faults.sorted(by: { $0.line < $1.line }) { tell("\(name):\(fault.line): \(fault.detail)") }
        progress.records += piece.records + piece.faults.count
        show()
    }

    private func tell(_ text: String) {
        clear()
        StandardStream.error.line(text)
    }

    private func show() {
        if isTerminal { StandardStream.error.write(Array("\r\u{1B}[K\(progress.line(after: ContinuousClock.now - start))".utf8)) }
    }

    private func clear() {
        if isTerminal { StandardStream.error.write(Array("\r\u{1B}[K".utf8)) }
    }
}
