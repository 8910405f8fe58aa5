import ArgumentParser
import Domain
import Transport

struct CredentialsSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Sets a credential, in place of what stood under its name.",
        discussion: """
            Everything that can be checked without sending is checked first; each fault is named with what to do, and then nothing is stored. With --verify \
            the provider is asked too, and the credential is stored only if it works. Secrets are given as env:NAME, file:PATH or - (standard input; on a \
            terminal it is asked for and not shown). To keep the old one in use beside the new one for a while: hermod credentials rotate.

            Examples:
              hermod credentials set --org org_demo apns main \\
                --from-file AuthKey_ABC1234567.p8 --team-id DEF1234567 \\
                --topic com.example.app --environment production
              hermod credentials set --org org_demo apns voip \\
                --from-file voip.p12 --certificate-password env:P12_PASSWORD \\
                --topic com.example.app.voip --environment production
              hermod credentials set --org org_demo fcm main \\
                --from-file service-account.json --verify
              hermod credentials set --org org_demo expo main \\
                --access-token env:EXPO_TOKEN
              hermod credentials set --org org_demo smtp main \\
                --smtp-url smtp://mail.example.org:587 --username hermod \\
                --password - --from "Demo <no-reply@example.org>" \\
                --dkim example.org:k1:file:dkim.pem
            """)

    @OptionGroup var place: CredentialPlace
    @OptionGroup var members: CredentialMembers
    @Flag(help: "Ask the provider first, and store it only if it works.") var verify = false
    @Flag(help: "Replace a credential without asking back.") var yes = false
    @OptionGroup(title: "The gateway") var gateway: RESTOptions

    func run() async throws {
        try await gateway.withClient { client in
            var secrets = SecretArguments(environment: ConfigurationOptions.environment)
            let body = try members.body(place.provider, &secrets)
            if Terminal.isInteractive, !yes, let old = try await CredentialCalls(client).find(place) {
                try Terminal.confirm("\(place.text) is there already, version \(old["version"]?.text ?? "?"). Replace it?", unless: yes)
            }
            let answer = try await CredentialCalls(client).change(.put, place.path + (verify ? "?verify=true" : ""), body)
            let word = answer.status == 201 ? "is set" : "is replaced"
            let asked = verify ? "; the provider takes it" : ""
            StandardStream.output.line("\(place.text) \(word), version \(answer.json["version"]?.text ?? "?")\(asked)")
            CredentialWords.tell(answer.json)
            if !verify {
                StandardStream.error.line(
                    "Whether the provider takes it: hermod credentials verify --org \(place.org) \(place.provider.rawValue) \(place.name)")
            }
        }
    }
}
