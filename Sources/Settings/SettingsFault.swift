/// What is wrong with a setting, where it stands, and what would be right: one line for the person who wrote it.
public struct SettingsFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file's name, or `environment`.
    public var file: String
    /// From 1; nil where the fault is about the whole file, or about something that is missing.
    public var line: Int?
    /// `providers.expo.url`, `credentials[1].private_key` or `HERMOD_SERVER_PORT`; empty for the whole document.
    public var path: String
    public var message: String

    public init(file: String, line: Int?, path: String, message: String) {
        self.file = file
        self.line = line
        self.path = path
        self.message = message
    }

    public var description: String {
        file + (line.map { ":\($0)" } ?? "") + (path.isEmpty ? "" : ": \(path)") + ": \(message)"
    }
}
