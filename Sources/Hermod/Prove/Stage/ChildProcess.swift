import Dispatch
import Foundation
import Glibc
import Synchronization

/// A program that the prover has started, and that dies with it.
///
/// One thread starts the child, reads what it says and waits for its end. On Linux the child dies with the thread that started it
/// (prctl(2), PR_SET_PDEATHSIG), so a pool's thread, which may end at any time, would not do.
final class ChildProcess: Sendable {
    private struct State {
        var pid: pid_t = 0
        var lines: [String] = []
        /// 128 and the signal's number where a signal ended it.
        var exit: Int32?
        var watchers: [Int: @Sendable () -> Void] = [:]
        var watched = 0
    }

    private let name: String
    private let state = Mutex(State())

    /// - Parameter log: a file that gets what it says on standard error, behind what stands there.
    init(_ name: String, _ path: String, _ arguments: [String], environment: [String: String], log: String) throws(StartFault) {
        self.name = name
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Self.fault(path, errno) }
        let (reader, writer) = (ends[0], ends[1])
        // A child that is started meanwhile must not hold this one's pipe open.
        _ = fcntl(reader, F_SETFD, FD_CLOEXEC)
        _ = fcntl(writer, F_SETFD, FD_CLOEXEC)
        let variables = environment.map { "\($0.key)=\($0.value)" }
        let started = DispatchSemaphore(value: 0)
        let outcome = Mutex<Int32>(0)
        Thread.detachNewThread {
            var pid: pid_t = 0
            let code = Self.spawn(&pid, path, [path] + arguments, variables, output: writer, log: log)
            _ = close(writer)
            self.state.withLock { $0.pid = pid }
            outcome.withLock { $0 = code }
            started.signal()
            if code == 0 { self.accompany(pid, reader) }
            _ = close(reader)
        }
        started.wait()
        let code = outcome.withLock(\.self)
        guard code == 0 else { throw Self.fault(path, code) }
    }

    private static func fault(_ path: String, _ code: Int32) -> StartFault {
        StartFault("\(path) can't be started: \(String(cString: strerror(code)))")
    }

    var pid: pid_t { state.withLock(\.pid) }

    /// Its exit code, once it has ended.
    var ended: Int32? { state.withLock(\.exit) }

    func signal(_ number: Int32) { _ = kill(pid, number) }

    /// The first line on standard output that `match` likes. Throws when the child ends before.
    func line<T: Sendable>(within limit: Duration, _ match: @Sendable @escaping (String) -> T?) async throws -> T {
        try await wait(within: limit, for: "a word of \(name)") { state in
            if let found = state.lines.lazy.compactMap(match).first { return .success(found) }
            return state.exit.map {
                .failure(StartFault("\(self.name) ended with \($0)", remedy: "its log is in the working folder; --keep keeps that"))
            }
        }
    }

    @discardableResult
    func exit(within limit: Duration) async throws -> Int32 {
        try await wait(within: limit, for: "the end of \(name)") { $0.exit.map { .success($0) } }
    }

    private func wait<T: Sendable>(
        within limit: Duration, for what: String, _ ask: @Sendable @escaping (State) -> Result<T, StartFault>?
    ) async throws -> T {
        let (news, teller) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let key = state.withLock { state in
            state.watched += 1
            state.watchers[state.watched] = { teller.yield() }
            return state.watched
        }
        defer { state.withLock { $0.watchers[key] = nil } }
        teller.yield()
        return try await withThrowingTaskGroup(of: Result<T, StartFault>?.self) { group in
            group.addTask {
                for await _ in news {
                    if let answer = self.state.withLock({ ask($0) }) { return answer }
                }
                return nil
            }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next() ?? nil else { throw StartFault("waited \(limit) in vain for \(what)") }
            return try answer.get()
        }
    }

    // MARK: The thread

    private func accompany(_ pid: pid_t, _ reader: Int32) {
        var rest: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = read(reader, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest += buffer[..<count]
            while let end = rest.firstIndex(of: 0x0A) {
                let line = String(decoding: rest[..<end], as: UTF8.self)
                rest.removeSubrange(...end)
                tell { $0.lines.append(line) }
            }
        }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        tell { $0.exit = signal == 0 ? (status >> 8) & 0xFF : 128 + signal }
    }

    private func tell(_ change: (inout State) -> Void) {
        let watchers = state.withLock { state in
            change(&state)
            return Array(state.watchers.values)
        }
        for watcher in watchers { watcher() }
    }

    private static func spawn(
        _ pid: inout pid_t, _ path: String, _ arguments: [String], _ variables: [String], output: Int32, log: String
    ) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        // A group of its own: Ctrl-C is said to the prover, who ends its children in order.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        return withStrings(arguments) { arguments in
            withStrings(variables) { variables in posix_spawn(&pid, path, &actions, &attributes, arguments, variables) }
        }
    }

    private static func withStrings<T>(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> T) -> T {
        let copies = texts.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}
