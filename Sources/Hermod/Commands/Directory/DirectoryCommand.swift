import ArgumentParser

struct DirectoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "directory", abstract: "Brings the directory in: organisations, users, certifications, mentors.",
        subcommands: [DirectoryImportCommand.self])
}
