import Foundation
import Glibc
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

    let processID: pid_t
    private let state = Mutex(State())

    /// Started in the package's top folder, by a shell that replaces itself by it.
    ///
    /// - Parameter shell: words for that shell, put before the program's path: `ulimit -f 100;`.
    convenience init(_ name: String, _ arguments: [String], environment: [String: String] = [:], shell: String? = nil) throws {
        try self.init(path: Self.folder.appendingPathComponent(name).path, arguments, environment: environment, shell: shell)
    }

    init(path: String, _ arguments: [String], environment: [String: String] = [:], shell: String? = nil) throws {
        var variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("HERMOD_") }
        variables.merge(environment) { $1 }
        let script = "cd \"$0\" && { \(shell ?? "") exec \"$@\"; }"
        let child = try Child.start("/bin/sh", ["-c", script, Self.package.path, path] + arguments, environment: variables)
        processID = child.pid
        // Threads of their own, which end with what they read.
        Thread.detachNewThread { [weak self] in
            Self.read(child.output) { line in self?.change { $0.lines.append(line) } }
            let code = Child.reap(child.pid)
            self?.change { state in
                state.code = code
                state.open -= 1
            }
        }
        Thread.detachNewThread { [weak self] in
            Self.read(child.error) { line in self?.change { $0.errors.append(line) } }
            self?.change { $0.open -= 1 }
        }
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

    /// Nothing when it has ended.
    func signal(_ number: Int32) {
        state.withLock { state in
            if state.code == nil { _ = kill(processID, number) }
        }
    }

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

    /// Line by line to the end, and closes it.
    private static func read(_ descriptor: Int32, _ each: (String) -> Void) {
        defer { _ = close(descriptor) }
        var rest: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest += buffer[..<count]
            let lines = rest.split(separator: 0x0A, omittingEmptySubsequences: false)
            for line in lines.dropLast() { each(String(decoding: line, as: UTF8.self)) }
            rest = Array(lines.last ?? [])
        }
        if !rest.isEmpty { each(String(decoding: rest, as: UTF8.self)) }
    }

    deinit { signal(SIGKILL) }
}
