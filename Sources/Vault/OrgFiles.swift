public import Domain
public import Logging

/// The orgs and credentials declared in `config/orgs/*.yaml`, read again when a file changes.
///
/// A file that can't be used keeps its last good state and is reported with its line.
public final class OrgFiles: CredentialDirectory {
    /// Reads all files. Throws nothing: faults are reported by `faults`.
    public init(folder: String, environment: [String: String], logger: Logger) {
        fatalError("to be built")
    }

    /// Watches the folder until the task is cancelled; calls `onChange` with the lanes whose credentials are new, changed or gone.
    public func watch(onChange: @Sendable @escaping (Set<LaneKey>) -> Void) async throws {
        fatalError("to be built")
    }

    public func credential(for lane: LaneKey) -> Credential? {
        fatalError("to be built")
    }

    public func lane(orgID: String, provider: ProviderName, name: String?) -> LaneKey? {
        fatalError("to be built")
    }

    public var organisations: [Organisation] { fatalError("to be built") }

    /// What is wrong now, file by file: `demo.yaml:7: credentials[1].private_key: …`.
    public var faults: [OrgFileFault] { fatalError("to be built") }
}

public struct OrgFileFault: Error, Sendable, Hashable, CustomStringConvertible {
    public var file: String
    public var line: Int?
    public var message: String

    public init(file: String, line: Int?, message: String) {
        self.file = file
        self.line = line
        self.message = message
    }

    public var description: String { "\(file)\(line.map { ":\($0)" } ?? ""): \(message)" }
}
