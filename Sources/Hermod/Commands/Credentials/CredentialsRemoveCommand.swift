import ArgumentParser
import Domain
import Transport

struct CredentialsRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Removes a credential with all its versions, or ends a rotation.",
        discussion: "What an org file declares is removed in the file.")

    @OptionGroup var place: CredentialPlace
    @Flag(help: "Remove only the version before the current one, which ends a rotation.") var previous = false
    @Flag(help: "Do it without asking back.") var yes = false
    @OptionGroup(title: "The gateway") var gateway: RESTOptions

    func run() async throws {
        try await gateway.withClient { client in
            let what = previous ? "Forget the version before of \(place.text)?" : "Remove \(place.text) with all its versions?"
            try Terminal.confirm(what, unless: yes)
            let answer = try await CredentialCalls(client).change(.delete, place.path + (previous ? "/previous" : ""), nil).json
            if previous {
                StandardStream.output.line("\(place.text): only version \(answer["version"]?.text ?? "?") is in use")
                return
            }
            StandardStream.output.line("\(place.text) is removed")
            if let org = answer["now"]?["org_id"]?.string, let name = answer["now"]?["name"]?.string {
                StandardStream.output.line(
                    "From now on \(place.org) sends with \(org)/\(place.provider.rawValue)/\(name) through \(place.provider.rawValue).")
            } else {
                StandardStream.output.line("\(place.org) has nothing left to send with through \(place.provider.rawValue).")
            }
        }
    }
}
