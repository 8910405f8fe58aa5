import ArgumentParser
import CLinux
import Glibc

/// Becomes another program that dies with the prover. What a process wants of its own death it can only say for itself, and only before it becomes another.
struct ProveChildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove-child", abstract: "Becomes another program, which dies with the process that has started it.", shouldDisplay: false)

    @Argument(help: "The process to die with.") var parent: Int32
    @Argument(help: "The program's path.") var path: String
    @Argument(parsing: .captureForPassthrough, help: "Its arguments.") var arguments: [String] = []

    func run() throws {
        guard clinux_die_with_parent(SIGKILL) == 0 else { throw fail([StartFault("prctl failed: \(String(cString: strerror(errno)))")]) }
        // The parent may have died before the line above.
        guard getppid() == parent else { throw ExitCode.failure }
        var words = ([path] + arguments).map { strdup($0) }
        words.append(nil)
        execv(path, words)
        throw fail([StartFault("\(path) can't be started: \(String(cString: strerror(errno)))")])
    }
}
