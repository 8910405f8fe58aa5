import Foundation
import RegexBuilder

/// A session at a shell as the documentation shows it: the `console` blocks of one section, and the `sh` blocks that are files.
struct Transcript {
    struct Step {
        var command: String
        /// As the documentation has it.
        var output: [String]
    }

    var steps: [Step] = []
    /// Scripts by name: `sh` blocks whose first line is `# NAME ...`.
    var scripts: [String: String] = [:]

    /// - Parameter section: the words behind `## `.
    init(_ document: String, section: String) {
        let text = document.components(separatedBy: "\n## ").first { $0.hasPrefix(section + "\n") } ?? ""
        for block in text.components(separatedBy: "```console\n").dropFirst() { read(block.components(separatedBy: "```")[0]) }
        for block in text.components(separatedBy: "```sh\n").dropFirst() {
            let script = block.components(separatedBy: "```")[0]
            if let match = script.firstMatch(of: #/^# (\w+\.sh) /#) { scripts[String(match.1)] = script }
        }
    }

    private mutating func read(_ block: String) {
        var isContinued = false
        for line in block.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("$ ") {
                steps.append(Step(command: String(line.dropFirst(2)), output: []))
            } else if isContinued {
                steps[steps.count - 1].command += "\n" + line
            } else if !steps.isEmpty {
                steps[steps.count - 1].output.append(line)
            }
            isContinued = (isContinued || line.hasPrefix("$ ")) && line.hasSuffix("\\")
        }
        // The block's own last line end.
        if steps.last?.output.last == "" { steps[steps.count - 1].output.removeLast() }
    }

    /// What a step ended with.
    struct Played {
        var output: [String]
        var code: Int
    }

    /// Types all of it into one shell, in that folder.
    ///
    /// - Parameter places: addresses and paths in the documentation, and what they are here.
    func play(in folder: String, environment: [String: String], places: [(documented: String, actual: String)]) async throws -> [Played] {
        func placed(_ text: String) -> String { places.reduce(text) { $0.replacingOccurrences(of: $1.documented, with: $1.actual) } }
        for (name, script) in scripts { try placed(script).write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8) }
        let mark = "\u{1E}"
        let typed = steps.map { "\(placed($0.command))\ncode=$?; printf '\(mark)%s\\n' $code; (exit $code)\n" }
        let shell = try Program(path: "/bin/bash", ["-c", "exec 2>&1\ncd '\(folder)' || exit 1\n" + typed.joined()], environment: environment)
        try await shell.exit(within: .seconds(150))
        guard shell.lines.count(where: { $0.contains(mark) }) == steps.count else {
            throw Unexpected(description: "the shell ended before all was typed: \(shell.lines.suffix(5))")
        }
        var played = [Played(output: [], code: 0)]
        for line in shell.lines {
            if line.contains(mark) {
                let halves = line.components(separatedBy: mark)
                // A prompt without a line end stands before the mark.
                if !halves[0].isEmpty { played[played.count - 1].output.append(halves[0]) }
                played[played.count - 1].code = Int(halves[1]) ?? -1
                played.append(Played(output: [], code: 0))
            } else {
                played[played.count - 1].output.append(places.reduce(line) { $0.replacingOccurrences(of: $1.actual, with: $1.documented) })
            }
        }
        return played.dropLast()
    }

    /// The line with what differs from run to run taken out: times, ids, fingerprints, counts, and the width of columns.
    static func shape(_ line: String) -> String {
        line.replacing(#/\d{4}-\d\d-\d\d(T[\d:]{8}(\.\d+)?Z)?/#, with: "DATE")
            .replacing(#/\b(mk-DATE-\w{4}|(key|req|dlv|msg|gw)_\w+|hk_\w+)/#, with: "ID")
            .replacing(#/\b[0-9a-f]{16,40}\b/#, with: "DIGITS")
            .replacing(#/\b[A-Z0-9]{10}\b/#, with: "ID")
            .replacing(#/\b\d{2,}\b/#, with: "N")
            .replacing(#/ +/#, with: " ")
    }
}
