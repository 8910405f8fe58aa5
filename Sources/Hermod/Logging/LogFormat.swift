/// How a log line is written: for machines or for eyes.
enum LogFormat: String, CaseIterable, Sendable {
    case json
    case text
}
