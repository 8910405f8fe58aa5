import ArgumentParser
import CLinux
import Glibc

/// Becomes another program that dies with the prover. What a process wants of its own death it can only say for itself, and only before it becomes another.
struct ProveChildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove-child", abstract: "Becomes another program, which dies with the process that has started it.", shouldDisplay: false)

    @Option(help: "How many files and connections it may have open.") var descriptors: UInt?
    @Argument(help: "The process to die with.") var parent: Int32
    @Argument(help: "The program's path.") var path: String
    @Argument(parsing: .captureForPassthrough, help: "Its arguments.") var arguments: [String] = []

    func run() throws {
        guard clinux_die_with_parent(SIGKILL) == 0 else { throw fail([StartFault("prctl failed: \(String(cString: strerror(errno)))")]) }
        // The parent may have died before the line above.
        guard getppid() == parent else { throw ExitCode.failure }
        if let descriptors {
            var limit = rlimit(rlim_cur: rlim_t(descriptors), rlim_max: rlim_t(descriptors))
            guard clinux_set_limit(0, Int32(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
                throw fail([StartFault("the limit of descriptors can't be set: \(String(cString: strerror(errno)))")])
            }
        }
        var words = ([path] + arguments).map { strdup($0) }
        words.append(nil)
        execv(path, words)
        throw fail([StartFault("\(path) can't be started: \(String(cString: strerror(errno)))")])
    }
}
