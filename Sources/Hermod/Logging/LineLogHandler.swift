import Domain
import Logging

/// Writes each record as one line, bounded in length whatever a caller hands it.
struct LineLogHandler: LogHandler {
    /// Longer values are cut: a provider's answer must not fill a disk.
    static let maxValueBytes = 2_048

    let label: String
    let format: LogFormat
    let time: any TimeSource
    let write: @Sendable ([UInt8]) -> Void
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel: Logger.Level

    init(label: String, format: LogFormat, level: Logger.Level, time: any TimeSource, write: @Sendable @escaping ([UInt8]) -> Void) {
        self.label = label
        self.format = format
        self.time = time
        self.write = write
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { $1 } }
        if let given = event.metadata { fields.merge(given) { $1 } }
        if let error = event.error { fields["error"] = "\(error)" }
        let sorted = fields.sorted { $0.key < $1.key }
        switch format {
        case .json: write(json(event, sorted))
        case .text: write(text(event, sorted))
        }
    }

    private static let ownKeys: Set<String> = ["time", "level", "label", "message"]

    private func json(_ event: LogEvent, _ fields: [(key: String, value: Logger.MetadataValue)]) -> [UInt8] {
        var members: [JSONObject.Member] = [
            .init(key: "time", value: .string(time.now.rfc3339Milliseconds)),
            .init(key: "level", value: .string(event.level.rawValue)),
            .init(key: "label", value: .string(label)),
            .init(key: "message", value: .string(cut("\(event.message)"))),
        ]
        for (key, value) in fields {
            members.append(.init(key: Self.ownKeys.contains(key) ? key + "_" : key, value: json(value)))
        }
        var line: [UInt8] = []
        line.reserveCapacity(512)
        JSONObject(members: members).write(to: &line)
        line.append(0x0A)
        return line
    }

    private func json(_ value: Logger.MetadataValue) -> JSON {
        switch value {
        case .string(let text): .string(cut(text))
        case .stringConvertible(let value as any BinaryInteger & Sendable): .number(String(value))
        case .stringConvertible(let value as Bool): .bool(value)
        case .stringConvertible(let value): .string(cut(value.description))
        case .array(let values): .array(values.prefix(100).map(json))
        case .dictionary(let values):
            .object(JSONObject(members: values.sorted { $0.key < $1.key }.prefix(100).map { .init(key: $0.key, value: json($0.value)) }))
        }
    }

    private func text(_ event: LogEvent, _ fields: [(key: String, value: Logger.MetadataValue)]) -> [UInt8] {
        var line = "\(time.now.rfc3339Milliseconds) \(event.level.rawValue) \(label): \(cut("\(event.message)"))"
        for (key, value) in fields { line += " \(key)=\(plain(json(value)))" }
        // A record is one line, whatever stands in it.
        return line.utf8.map { $0 < 0x20 ? 0x20 : $0 } + [0x0A]
    }

    private func plain(_ value: JSON) -> String {
        if case .string(let text) = value, !text.isEmpty, !text.contains(where: { $0 == " " || $0 == "\"" }) { return text }
        return value.text
    }

    private func cut(_ text: String) -> String {
        guard text.utf8.count > Self.maxValueBytes else { return text }
        return String(decoding: text.utf8.prefix(Self.maxValueBytes), as: UTF8.self) + "…"
    }
}
