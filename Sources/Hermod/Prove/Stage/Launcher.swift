import Glibc
import Synchronization

/// Starts programs that die with this one and log into the working folder.
struct Launcher: Sendable {
    /// This program, which becomes the other one.
    let program: String
    let folder: Folder
    /// Without variables that would change a gateway's configuration.
    let environment: [String: String]
    private let started = Children()

    init(program: String, folder: Folder, environment: [String: String]) {
        self.program = program
        self.folder = folder
        self.environment = environment
    }

    /// - Parameter descriptors: how many files and connections it may have open; by default as many as this program.
    func callAsFunction(_ name: String, _ path: String, _ arguments: [String], descriptors: Int? = nil) throws(StartFault) -> ChildProcess {
        let bounds = descriptors.map { ["--descriptors", "\($0)"] } ?? []
        let process = try ChildProcess(
            name, program, ["prove-child"] + bounds + ["\(getpid())", path] + arguments, environment: environment, log: "\(folder.path)/\(name).log")
        started.add(process)
        return process
    }

    /// Ends all that it has started and that still lives, at once: for a run that nobody wants any more. Returns when they are gone.
    func endAll() async {
        let living = started.all.filter { $0.ended == nil }
        for process in living { process.signal(SIGKILL) }
        for process in living { _ = try? await process.exit(within: .seconds(10)) }
    }
}

/// Shared by all copies of a launcher.
private final class Children: Sendable {
    private let processes = Mutex<[ChildProcess]>([])

    var all: [ChildProcess] { processes.withLock(\.self) }

    func add(_ process: ChildProcess) { processes.withLock { $0.append(process) } }
}
