import Domain
import Logging

/// Makes loggers by the configuration. Handed on from here; nothing below asks a global.
enum Loggers {
    static func logger(_ label: String, _ configuration: GatewayConfiguration) -> Logger {
        Logger(label: label) { label in
            LineLogHandler(
                label: label, format: configuration.logFormat, level: configuration.logLevel, time: SystemTime(), write: StandardStream.error.write)
        }
    }
}
