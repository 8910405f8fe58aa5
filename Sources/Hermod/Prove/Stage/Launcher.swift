import Glibc

/// Starts programs that die with this one and log into the working folder.
struct Launcher: Sendable {
    /// This program, which becomes the other one.
    let program: String
    let folder: Folder
    /// Without variables that would change a gateway's configuration.
    let environment: [String: String]

    func callAsFunction(_ name: String, _ path: String, _ arguments: [String]) throws(StartFault) -> ChildProcess {
        try ChildProcess(
            name, program, ["prove-child", "\(getpid())", path] + arguments, environment: environment, log: "\(folder.path)/\(name).log")
    }
}
