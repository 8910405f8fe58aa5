import Glibc

/// Starts programs that die with this one and log into the working folder.
struct Launcher: Sendable {
    /// This program, which becomes the other one.
    let program: String
    let folder: Folder
    /// Without variables that would change a gateway's configuration.
    let environment: [String: String]

    /// - Parameter descriptors: how many files and connections it may have open; by default as many as this program.
    func callAsFunction(_ name: String, _ path: String, _ arguments: [String], descriptors: Int? = nil) throws(StartFault) -> ChildProcess {
        let bounds = descriptors.map { ["--descriptors", "\($0)"] } ?? []
        return try ChildProcess(
            name, program, ["prove-child"] + bounds + ["\(getpid())", path] + arguments, environment: environment, log: "\(folder.path)/\(name).log")
    }
}
