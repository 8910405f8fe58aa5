import Foundation

/// curl, as a client that shares no line of code with the mock.
struct Curl {
    struct Answer: Sendable {
        /// curl's own exit code: 0 is fine, 28 a timeout, 92 a stream error.
        var exit: Int32
        var status = 0
        var headers: [String: String] = [:]
        var body = ""

        var json: [String: Any] {
            (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any] ?? [:]
        }
    }

    /// Runs curl with the mock's CA and reads the last answer it got.
    static func run(ca: String?, _ arguments: [String], input: String? = nil) async throws -> Answer {
        let curl = ["curl", "-q", "-sS", "-i", "--noproxy", "*", "--max-time", "10"] + (ca.map { ["--cacert", $0] } ?? [])
        let ending = try await Child(curl + arguments).finish(input ?? "")
        return parse(String(decoding: ending.output, as: UTF8.self), exit: ending.exit)
    }

    private static func parse(_ text: String, exit: Int32) -> Answer {
        var answer = Answer(exit: exit)
        var rest = text[...]
        while rest.hasPrefix("HTTP/"), let end = rest.range(of: "\r\n\r\n") {
            let lines = rest[..<end.lowerBound].components(separatedBy: "\r\n")
            answer.status = Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0
            answer.headers = [:]
            for line in lines.dropFirst() {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2 { answer.headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces) }
            }
            rest = rest[end.upperBound...]
        }
        answer.body = String(rest)
        return answer
    }
}
