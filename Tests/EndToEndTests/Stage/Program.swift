import Foundation
import Synchronization

/// One of the built programs as a process of its own, its output line by line.
final class Program: Sendable {
    struct Ended: Error, CustomStringConvertible {
        let description: String
    }

    private struct State {
        var lines: [String] = []
        var errors: [String] = []
        var code: Int32?
        /// Standard output and error that may still say something.
        var open = 2
        /// Known when all that it said has been read as well.
        var exit: Int32? { open == 0 ? code : nil }
        var watchers: [UUID: @Sendable () -> Void] = [:]
    }

    private let process: Process
    private let state = Mutex(State())

    /// - Parameter shell: words put before the program's path in a shell that replaces itself by it: `ulimit -f 100;`.
    convenience init(_ name: String, _ arguments: [String], environment: [String: String] = [:], shell: String? = nil) throws {
        try self.init(path: Self.folder.appendingPathComponent(name).path, arguments, environment: environment, shell: shell)
    }

    init(path: String, _ arguments: [String], environment: [String: String] = [:], shell: String? = nil) throws {
        process = Process()
        if let shell {
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["-c", "\(shell) exec \"$0\" \"$@\"", path] + arguments
        } else {
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = arguments
        }
        var variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("HERMOD_") }
        variables.merge(environment) { $1 }
        process.environment = variables
        process.currentDirectoryURL = Self.package
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        let error = Pipe()
        process.standardOutput = output
        process.standardError = error
        process.terminationHandler = { [weak self] process in
            let code = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
            self?.change { $0.code = code }
        }
        try process.run()
        read(output) { $0.lines.append($1) }
        read(error) { $0.errors.append($1) }
    }

    /// Where the tests themselves were built: the programs lie beside them.
    static let folder: URL = {
        let path = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        var folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        while folder.path != "/", !FileManager.default.isExecutableFile(atPath: folder.appendingPathComponent("hermod").path) {
            folder.deleteLastPathComponent()
        }
        return folder
    }()

    /// The package's top folder.
    static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// What it has said on standard error so far.
    var complaints: [String] { state.withLock { $0.errors } }

    var lines: [String] { state.withLock { $0.lines } }

    var processID: Int32 { process.processIdentifier }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// The first line on standard output that `match` likes. Throws when the process ends without it, or when it takes too long.
    func line<T: Sendable>(within limit: Duration = .seconds(20), _ match: @Sendable @escaping (String) -> T?) async throws -> T {
        let found: Result<T, Ended> = try await wait(limit, for: "a line of output") { state in
            if let value = state.lines.lazy.compactMap(match).first { return .success(value) }
            guard let exit = state.exit else { return nil }
            return .failure(Ended(description: "ended with \(exit): \(state.errors.suffix(5).joined(separator: " | "))"))
        }
        return try found.get()
    }

    /// Waits for a line on standard error.
    func complaint(within limit: Duration = .seconds(20), _ match: @Sendable @escaping (String) -> Bool) async throws {
        try await wait(limit, for: "a line on standard error") { $0.errors.contains(where: match) ? () : nil }
    }

    /// The exit code; 128 and the signal's number when a signal ended it.
    @discardableResult
    func exit(within limit: Duration = .seconds(30)) async throws -> Int32 {
        try await wait(limit, for: "its end") { $0.exit }
    }

    private func wait<T: Sendable>(_ limit: Duration, for what: String, _ ask: @Sendable @escaping (State) -> T?) async throws -> T {
        let (news, teller) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = UUID()
        state.withLock { $0.watchers[id] = { teller.yield() } }
        defer { state.withLock { $0.watchers[id] = nil } }
        teller.yield()
        return try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask {
                for await _ in news {
                    if let value = self.state.withLock({ ask($0) }) { return value }
                }
                return nil
            }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() ?? nil else {
                throw Ended(description: "waited \(limit) for \(what): \(self.complaints.suffix(5).joined(separator: " | "))")
            }
            return value
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let watchers = state.withLock { state in
            body(&state)
            return Array(state.watchers.values)
        }
        for watcher in watchers { watcher() }
    }

    /// On a thread of its own, which ends with what it reads: the system library's handlers for it work on descriptors that whoever drops the process closes
    /// under them.
    private func read(_ pipe: Pipe, _ add: @Sendable @escaping (inout State, String) -> Void) {
        Thread.detachNewThread { [weak self] in
            var rest = Data()
            while true {
                let data = pipe.fileHandleForReading.availableData
                rest.append(data)
                var lines: [String] = []
                while let end = rest.firstIndex(of: 0x0A) {
                    lines.append(String(decoding: rest[..<end], as: UTF8.self))
                    rest = Data(rest[rest.index(after: end)...])
                }
                if data.isEmpty, !rest.isEmpty { lines.append(String(decoding: rest, as: UTF8.self)) }
                if !lines.isEmpty || data.isEmpty {
                    self?.change { [lines] state in
                        for line in lines { add(&state, line) }
                        if data.isEmpty { state.open -= 1 }
                    }
                }
                if data.isEmpty { return }
            }
        }
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
}
