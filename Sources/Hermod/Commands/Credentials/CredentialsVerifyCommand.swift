import ArgumentParser
import Domain
import Transport

struct CredentialsVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Asks the provider whether it takes a credential; reaches no device and sends no mail.",
        discussion: "During a rotation both versions are tried. Ends with exit code 1 unless the current one works.")

    @OptionGroup var place: CredentialPlace
    @Flag(help: "Hold DKIM keys against their DNS records too.") var dns = false
    @Flag(help: "Print the gateway's answer as it is.") var json = false
    @OptionGroup(title: "The gateway") var gateway: RESTOptions

    func run() async throws {
        try await gateway.withClient { client in
            let answer = try await CredentialCalls(client).change(.post, place.path + "/verify" + (dns ? "?dns=true" : ""), nil).json
            if json {
                StandardStream.output.line(answer.text)
            } else {
                StandardStream.output.line(CredentialWords.verification(answer, of: place.text))
                if let previous = answer["previous"], previous.object != nil {
                    StandardStream.output.line(CredentialWords.verification(previous, of: place.text))
                }
            }
            if answer["verdict"]?.string != "works" { throw ExitCode.failure }
        }
    }
}
