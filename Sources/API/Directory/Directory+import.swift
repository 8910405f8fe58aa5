import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Storage

extension Directory {
    /// Bytes of one import.
    static let importLimit = 268_435_456

    /// Takes a whole directory in, as it arrives: what is faulty is named and skipped, the rest kept.
    ///
    /// Every entry is an upsert, so that an import may be repeated as often as one likes, whole or from where it broke off; an `Idempotency-Key` adds nothing
    /// to that and is not kept.
    func importEntries(_ request: Request, _ context: CallContext) async throws -> Answer {
        let format = try Self.format(request.headers[.contentType])
        if let length = request.headers[.contentLength].flatMap(Int.init), length > Self.importLimit {
            throw Problem.tooLarge(limit: Self.importLimit)
        }
        var run = ImportRun(directory: self, format: format, scope: try context.caller.scope)
        var received = 0
        for try await part in request.body {
            received += part.readableBytes
            guard received <= Self.importLimit else {
                throw Problem.tooLarge(limit: Self.importLimit).noting(run.progress)
            }
            try await run.take(part.readableBytesView)
        }
        try await run.finish()
        var answer = Answer(run.report.json)
        answer.warn(ofUnknown: run.unknown)
        return answer
    }

    private static func format(_ contentType: String?) throws(Problem) -> ImportFormat {
        let parts = (contentType ?? "").lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" && $0 != "\"" } }
        let charset = parts.dropFirst().first { $0.hasPrefix("charset=") }
        guard let format = ImportFormat.allCases.first(where: { $0.mediaType == parts.first }), charset == nil || charset == "charset=utf-8" else {
            var problem = Problem.unsupportedMediaType(contentType ?? "nothing")
            problem.title = "The body is neither NDJSON nor CSV"
            problem.detail =
                "Send the lines as application/x-ndjson or text/csv, in UTF-8; Content-Type says \(Printable.quoted(contentType ?? "nothing"))."
            throw problem
        }
        return format
    }
}

/// One import under way: holds one chunk of entries, and what is left of the piece that arrived last.
private struct ImportRun {
    /// Entries of one transaction: enough to share its cost, and over in some milliseconds, so that messages do not wait long behind it.
    static let chunk = 500

    let directory: Directory
    let format: ImportFormat
    private var reader: ImportReader
    /// Nil until the header of a CSV file has been read.
    private var line: ImportLine?
    /// Grows by the organisations that the import makes.
    private var scope: OrgScope
    private var pending: [(line: Int, entry: DirectoryEntry)] = []
    private(set) var report = ImportReport()
    private var lastLine = 0

    init(directory: Directory, format: ImportFormat, scope: OrgScope) {
        self.directory = directory
        self.format = format
        self.scope = scope
        reader = ImportReader(format)
        line = format == .ndjson ? ImportLine() : nil
        pending.reserveCapacity(Self.chunk)
    }

    var unknown: [String] { line?.unknown ?? [] }

    /// For a call that has to end early.
    var progress: String {
        "\(report.imported) entries were imported before that, up to about line \(lastLine); importing the whole again does no harm."
    }

    mutating func take(_ bytes: ByteBufferView) async throws {
        reader.append(bytes)
        while let record = reader.next() { try await take(record) }
    }

    mutating func finish() async throws {
        reader.finish()
        while let record = reader.next() { try await take(record) }
        try await write()
        // An empty body is an empty import; a CSV file that is not empty has a header.
    }

    private mutating func take(_ record: ImportRecord) async throws {
        if record.isBlank { return }
        guard line != nil else {
            line = try ImportLine(header: record)
            return
        }
        switch line?.read(record) {
        case .entry(let entry): pending.append((record.line, entry))
        case .faulty(let detail): report.fail(record.line, detail)
        case nil: break
        }
        if pending.count == Self.chunk { try await write() }
    }

    private mutating func write() async throws {
        guard let last = pending.last else { return }
        let outcomes: [DirectoryOutcome]
        do {
            outcomes = try await directory.stores.directory.put(pending.map(\.entry), beside: directory.tree.declared, scope: scope)
        } catch {
            throw Problem(error).noting(progress)
        }
        var hasNewTree = false
        for (pending, outcome) in zip(pending, outcomes) {
            if case .refused(let refusal) = outcome {
                report.fail(pending.line, refusal.detail(pending.entry.kind))
                continue
            }
            report.count(imported: 1)
            guard case .organisation(let organisation) = pending.entry else { continue }
            hasNewTree = true
            if case .orgs(let orgs) = scope { scope = .orgs(orgs.union([organisation.id])) }
        }
        lastLine = last.line
        pending.removeAll(keepingCapacity: true)
        if hasNewTree { await directory.refreshTree() }
    }
}

extension Problem {
    fileprivate func noting(_ progress: String) -> Problem {
        var problem = self
        problem.detail += " " + progress
        return problem
    }
}
