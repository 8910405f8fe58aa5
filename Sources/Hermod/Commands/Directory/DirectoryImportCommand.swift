import ArgumentParser
import Domain

struct DirectoryImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Imports a directory from NDJSON or CSV through a running gateway.",
        discussion: """
            Every line is an entry with its kind: organisation, user, certification or mentor. What comes later may refer to what comes before: parents \
            first, then users, then certifications. Faulty lines are named and skipped, the rest is kept; importing a file again does no harm.
            """)

    @Argument(help: ArgumentHelp("The file to import; - is standard input.", valueName: "file")) var file: String
    @Option(help: "What the file is: ndjson or csv. By default its name tells.") var format: Format?
    @OptionGroup var gateway: RESTOptions

    func run() async throws {
        let format: ImportFormat
        do throws(StartFault) {
            format = try formatOfFile()
        } catch {
            throw fail([error])
        }
        var outcome = ImportOutcome()
        do {
            try await gateway.withClient { client in
                let input = try InputFile(file)
                var run = ImportRun(client: client, format: format, name: file == "-" ? "stdin" : file, size: input.size)
                defer { outcome = run.outcome }
                try await run.send(input)
            }
        } catch {
            if outcome.imported > 0 {
                StandardStream.error.line(
                    "hermod: \(ImportProgress.grouped(outcome.imported)) entries were imported before that; import the file again, it does no harm")
            }
            throw error
        }
        StandardStream.output.line("imported \(ImportProgress.grouped(outcome.imported)), failed \(ImportProgress.grouped(outcome.failed))")
        // A script wants to know without reading.
        if outcome.failed > 0 { throw ExitCode.failure }
    }

    private func formatOfFile() throws(StartFault) -> ImportFormat {
        if let format { return format.whole }
        let name = file.lowercased()
        if name.hasSuffix(".csv") { return .csv }
        if name.hasSuffix(".ndjson") || name.hasSuffix(".jsonl") { return .ndjson }
        throw StartFault(
            "\(file == "-" ? "standard input" : file) does not tell its format by its name", remedy: "say --format ndjson or --format csv")
    }
}

extension DirectoryImportCommand {
    enum Format: String, ExpressibleByArgument {
        case ndjson
        case csv

        var whole: ImportFormat {
            switch self {
            case .ndjson: .ndjson
            case .csv: .csv
            }
        }
    }
}
