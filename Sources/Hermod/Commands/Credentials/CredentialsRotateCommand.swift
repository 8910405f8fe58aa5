import ArgumentParser
import Domain
import Settings
import Transport

struct CredentialsRotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Puts a new credential into use and keeps the old one beside it, so that nothing is lost if the new one is bad.",
        discussion: """
            New attempts go out with the new one. What the provider refuses of it goes out with the old one, and the log, /metrics and /readyz say so. The old \
            one is forgotten when the overlap is over, or by hermod credentials remove --previous. The new one has to be for the same project, app, team or \
            mailbox as the old one.

            Examples:
              hermod credentials rotate --org org_demo apns main \\
                --from-file AuthKey_NEW1234567.p8 --team-id DEF1234567 \\
                --topic com.example.app --environment production --overlap 24h
              hermod credentials rotate --org org_demo fcm main \\
                --from-file new-account.json --verify
            """)

    @OptionGroup var place: CredentialPlace
    @OptionGroup var members: CredentialMembers
    @Option(
        help: ArgumentHelp(
            "How long the old one stays in use: 30m, 24h, 7d. Without it: until it is removed with remove --previous.", valueName: "time"))
    var overlap: String?
    @Flag(help: "Ask the provider first, and rotate only if the new one works.") var verify = false
    @Flag(help: "Take one for another project, app, team or mailbox.") var force = false
    @OptionGroup(title: "The gateway") var gateway: RESTOptions

    func validate() throws {
        if let overlap, SettingsText.duration(overlap) == nil { throw ValidationError("--overlap must be a time such as 30m, 24h or 7d.") }
    }

    func run() async throws {
        try await gateway.withClient { client in
            var secrets = SecretArguments(environment: ConfigurationOptions.environment)
            var body = try members.body(place.provider, &secrets)
            if let overlap { body["overlap"] = .string(overlap) }
            if force { body["force"] = true }
            let answer = try await CredentialCalls(client).change(.post, place.path + "/rotate" + (verify ? "?verify=true" : ""), body)
            let version = answer.json["version"]?.text ?? "?"
            StandardStream.output.line("\(place.text) is rotated: version \(version) is in use" + (verify ? "; the provider takes it" : ""))
            CredentialWords.tell(answer.json)
            guard let previous = answer.json["previous"], let old = previous["version"]?.text else { return }
            let end = previous["until"]?.string.map { "until \($0)" } ?? "until somebody removes it"
            StandardStream.output.line(
                "Version \(old) stays beside it \(end): what the provider refuses of version \(version) goes out with version \(old).")
            StandardStream.output.line(
                "To end it now: hermod credentials remove --previous --org \(place.org) \(place.provider.rawValue) \(place.name)")
        }
    }
}
