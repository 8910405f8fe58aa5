import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A program that a test has started: what it reads and says, until its end.
///
/// Foundation's `Process` does not do: on Linux each one leaks what it waits for its child with, and looking for its open files it can read beyond what the system
/// has told, which now and then ends the whole run.
struct Child: Sendable {
    struct NotStarted: Error, CustomStringConvertible {
        let description: String
    }

    struct Ending: Sendable {
        /// 128 and the signal's number where a signal ended it.
        var exit: Int32
        /// All of its standard output.
        var output: [UInt8]
    }

    /// Made and handed on under one lock: a child that is started in between would keep another's pipe open.
    private static let starting = Mutex(())

    let pid: pid_t
    private let input: Int32
    private let output: Int32

    /// - Parameter arguments: the first word is looked up in the PATH.
    init(_ arguments: [String]) throws(NotStarted) {
        let result = Self.starting.withLock { _ in Self.start(arguments) }
        (pid, input, output) = try result.get()
    }

    private static func start(_ arguments: [String]) -> Result<(pid_t, Int32, Int32), NotStarted> {
        var source: [Int32] = [-1, -1]
        var sink: [Int32] = [-1, -1]
        guard pipe(&source) == 0, pipe(&sink) == 0 else { return .failure(NotStarted(description: String(cString: strerror(errno)))) }
        for end in source + sink { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        #else
        var actions = posix_spawn_file_actions_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, source[0], 0)
        posix_spawn_file_actions_adddup2(&actions, sink[1], 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        let words = arguments.map { strdup($0) }
        defer { for word in words { free(word) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, arguments[0], &actions, nil, words + [nil], environ)
        _ = close(source[0])
        _ = close(sink[1])
        guard code == 0 else {
            _ = close(source[1])
            _ = close(sink[0])
            return .failure(NotStarted(description: "\(arguments[0]): \(String(cString: strerror(code)))"))
        }
        return .success((pid, source[1], sink[0]))
    }

    /// Gives it all of `text` to read, and returns when it has ended. Once a child.
    func finish(_ text: String = "") async -> Ending {
        await onThread {
            // A child that ends before it has read everything must not take the tests with it.
            var broken = sigset_t()
            sigemptyset(&broken)
            sigaddset(&broken, SIGPIPE)
            pthread_sigmask(SIG_BLOCK, &broken, nil)
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
                guard count > 0 else { break }
                rest = rest.dropFirst(count)
            }
            _ = close(input)
            var said: [UInt8] = []
            while let more = read() { said += more }
            _ = close(output)
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7F
            return Ending(exit: signal == 0 ? (status >> 8) & 0xFF : 128 + signal, output: said)
        }
    }

    /// What it says up to the end of its first line.
    func firstLine() async -> String {
        await onThread {
            var said: [UInt8] = []
            while !said.contains(0x0A), let more = read() { said += more }
            return String(decoding: said, as: UTF8.self)
        }
    }

    /// Nil at the end.
    private func read() -> ArraySlice<UInt8>? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            #if canImport(Glibc)
            let count = Glibc.read(output, &buffer, buffer.count)
            #else
            let count = Darwin.read(output, &buffer, buffer.count)
            #endif
            if count < 0, errno == EINTR { continue }
            return count > 0 ? buffer[..<count] : nil
        }
    }

    /// Waiting would hold up a thread of the pool that the tests run on.
    private func onThread<T: Sendable>(_ work: @Sendable @escaping () -> T) async -> T {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: work()) }
        }
    }
}
