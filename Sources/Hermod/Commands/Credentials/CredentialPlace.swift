import ArgumentParser
import Domain
import Settings

/// Which credential a command is about.
struct CredentialPlace: ParsableArguments {
    @Option(help: ArgumentHelp("The org whose credential it is.", valueName: "org")) var org: String
    @Argument(help: "Whom it is for.") var provider: CredentialProvider
    @Argument(help: "Its name; an org may have several of one provider.") var name = "main"

    func validate() throws {
        for (what, text) in [("--org", org), ("the name", name)] where !SettingKind<String>.identifier.reads(text) {
            throw ValidationError("\(what) must be \(SettingKind<String>.identifier.expectation).")
        }
    }

    /// The characters that are let through need no escapes.
    var path: String { "/api/v1/orgs/\(org)/credentials/\(provider.rawValue)/\(name)" }
    var text: String { "\(org)/\(provider.rawValue)/\(name)" }
}

enum CredentialProvider: String, ExpressibleByArgument, CaseIterable {
    case expo
    case apns
    case fcm
    case smtp
}
