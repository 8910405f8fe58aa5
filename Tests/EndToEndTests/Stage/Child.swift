import Foundation
import Glibc
import Synchronization

/// A process that has been started, with the ends of the pipes that it writes to.
///
/// Not Foundation's: looking for its open files, that can read beyond what the system has told, which now and then ends the whole run
/// (swift-corelibs-foundation 5472).
struct Child {
    let pid: pid_t
    /// To be closed by whoever reads them.
    let output: Int32
    let error: Int32

    struct NotStarted: Error, CustomStringConvertible {
        let description: String
    }

    /// Pipes are made and handed on under one lock: a child that is started in between would keep another's open.
    private static let starting = Mutex(())

    /// In a process group of its own, with nothing to read.
    static func start(_ path: String, _ arguments: [String], environment: [String: String]) throws(NotStarted) -> Child {
        let result = starting.withLock { _ in Result { () throws(NotStarted) in try Child(path, arguments, environment) } }
        return try result.get()
    }

    private init(_ path: String, _ arguments: [String], _ environment: [String: String]) throws(NotStarted) {
        var sinks: [[Int32]] = []
        for _ in 0..<2 {
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { throw NotStarted(description: "no pipe: \(String(cString: strerror(errno)))") }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            sinks.append(ends)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, sinks[0][1], 1)
        posix_spawn_file_actions_adddup2(&actions, sinks[1][1], 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The threads that tests run on have signals blocked, and that is inherited.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        // As is what they ignore: NIO has the tests ignore this one.
        var restored = sigset_t()
        sigemptyset(&restored)
        sigaddset(&restored, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &restored)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var pid: pid_t = 0
        let code = Self.withStrings([path] + arguments) { words in
            Self.withStrings(environment.map { "\($0)=\($1)" }) { variables in posix_spawn(&pid, path, &actions, &attributes, words, variables) }
        }
        for ends in sinks { _ = close(ends[1]) }
        guard code == 0 else {
            for ends in sinks { _ = close(ends[0]) }
            throw NotStarted(description: "\(path): \(String(cString: strerror(code)))")
        }
        self.pid = pid
        output = sinks[0][0]
        error = sinks[1][0]
    }

    /// Waits on the thread that it is called on. Once a child.
    ///
    /// - Returns: the exit code; 128 and the signal's number when a signal ended it.
    static func reap(_ pid: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }

    private static func withStrings<T>(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> T) -> T {
        let copies = texts.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}
