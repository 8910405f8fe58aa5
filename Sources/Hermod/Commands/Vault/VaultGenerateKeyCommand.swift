import ArgumentParser
import Domain
import Settings
import Vault

struct VaultGenerateKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate-key",
        abstract: "Makes a master key and prints it, this once: it alone goes to standard output, what is to be said about it to standard error.")

    @Option(help: "What the key is known by, in the database too; without it, the day and some random letters.") var id: String?

    func run() throws {
        do throws(StartFault) {
            try PrivateProcess.begin()
        } catch {
            throw fail([error])
        }
        let id = self.id ?? Self.newID(SystemTime().now)
        guard SettingKind<String>.identifier.reads(id) else {
            throw fail([StartFault("--id must be \(SettingKind<String>.identifier.expectation)")])
        }
        StandardStream.output.line(MasterKeys.generate(id: id).revealText())
        for line in [
            "\(id) is stored nowhere. Put it where vault.master_key points to, file:PATH (mode 0600) or env:NAME, and a copy where you keep what must not be lost:",
            "without it nothing opens that was sealed with it. To take the place of another key it goes first, the other behind a comma: NEW,OLD;",
            "then hermod vault rotate-master.",
        ] {
            StandardStream.error.line(line)
        }
    }

    private static func newID(_ now: Timestamp) -> String {
        let letters = Array("abcdefghjkmnpqrstuvwxyz23456789")
        let tail = (0..<4).map { _ in letters[Int.random(in: 0..<letters.count)] }
        return "mk-\(now.rfc3339Seconds.prefix(10))-\(String(tail))"
    }
}
