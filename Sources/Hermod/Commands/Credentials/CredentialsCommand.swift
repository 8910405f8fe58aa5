import ArgumentParser

struct CredentialsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credentials",
        abstract: "Sets, lists, verifies, rotates and removes what orgs send with: Expo tokens, APNs keys, FCM service accounts, SMTP relays.",
        discussion: """
            The commands call a running gateway, which seals the secrets in its database; the gateway needs a master key for it (hermod vault generate-key \
            makes one). Org files in config/orgs declare credentials too, and go first where both have a name.

            A secret is never written on the command line, where the list of processes and the shell's history show it. Say where it stands: env:NAME (an \
            environment variable), file:PATH, or - (standard input; on a terminal it is asked for and not shown).

            Examples:
              hermod credentials set --org org_demo apns main \\
                --from-file AuthKey_ABC1234567.p8 --team-id DEF1234567 \\
                --topic com.example.app --environment production
              hermod credentials set --org org_demo fcm main \\
                --from-file service-account.json --verify
              hermod credentials set --org org_demo expo main \\
                --access-token env:EXPO_TOKEN
              hermod credentials set --org org_demo smtp main \\
                --smtp-url smtp://mail.example.org:587 --username hermod \\
                --password file:smtp-password --from "Demo <no-reply@example.org>"
              hermod credentials verify --org org_demo apns main
              hermod credentials rotate --org org_demo fcm main \\
                --from-file new-account.json --overlap 24h
              hermod credentials list
              hermod credentials remove --org org_demo expo main
            """,
        subcommands: [
            CredentialsSetCommand.self, CredentialsListCommand.self, CredentialsVerifyCommand.self, CredentialsRotateCommand.self,
            CredentialsRemoveCommand.self,
        ])
}
