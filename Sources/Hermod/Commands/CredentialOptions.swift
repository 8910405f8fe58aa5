import ArgumentParser
import Domain
import Settings

/// `--key` and `--key-file`: with which credential a command calls.
struct CredentialOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "An API key or a JWT. Everybody on the machine can see it in the list of processes: HERMOD_API_KEY in the environment or --key-file keep it out.",
            valueName: "key"))
    var key: String?

    @Option(help: ArgumentHelp("A file with the API key or JWT in it.", valueName: "path"))
    var keyFile: String?

    func validate() throws {
        if key != nil, keyFile != nil { throw ValidationError("--key and --key-file exclude each other.") }
    }

    /// What was said on the command line, else what the environment says; nil: call without a credential.
    func read(_ environment: [String: String]) throws(StartFault) -> Secret? {
        if let key { return try Self.credential(key, from: "--key") }
        if let keyFile { return try Self.credential(try Self.text(of: keyFile), from: keyFile) }
        guard let text = environment[ConfigurationFile.keyVariable], !text.isEmpty else { return nil }
        return try Self.credential(text, from: ConfigurationFile.keyVariable)
    }

    private static func text(of file: String) throws(StartFault) -> String {
        do throws(BoundedFile.Unreadable) {
            return try BoundedFile.text(file, limit: 16_384)
        } catch {
            throw StartFault("the key file \(file) can't be used: \(error.reason)")
        }
    }

    /// It goes into a header: one word, and nothing of it is repeated.
    private static func credential(_ text: String, from place: String) throws(StartFault) -> Secret {
        var bytes = Array(text.utf8)
        while let last = bytes.last, [0x0A, 0x0D, 0x20].contains(last) { bytes.removeLast() }
        guard !bytes.isEmpty, bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw StartFault("\(place) holds no API key or token: that is one word", remedy: "hermod keys create makes one")
        }
        return Secret(bytes)
    }
}
