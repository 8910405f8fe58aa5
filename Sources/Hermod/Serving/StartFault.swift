/// Why the gateway can't start or a command can't be done, in one line for whoever has to mend it.
struct StartFault: Error, Sendable, Hashable, CustomStringConvertible {
    var message: String
    var remedy: String?

    init(_ message: String, remedy: String? = nil) {
        self.message = message
        self.remedy = remedy
    }

    var description: String { message + (remedy.map { "; \($0)" } ?? "") }
}
