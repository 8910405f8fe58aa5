import Domain
import Settings

/// Follows the references that stand on the command line in place of secrets.
struct SecretArguments {
    /// How options show what they take.
    static let form = "env:NAME|file:PATH|-"

    private let environment: [String: String]
    /// The option that has taken standard input, which holds one secret.
    private var standardInput: String?

    init(environment: [String: String]) {
        self.environment = environment
    }

    /// Puts a secret that is text into the body; nothing where the option was not given.
    mutating func add(_ member: String, _ reference: String?, _ option: String, to body: inout JSONObject) throws(StartFault) {
        guard let reference else { return }
        if body[member] != nil { throw StartFault("\(option) and --from-file both give \(member)", remedy: "leave one out") }
        guard let text = String(validating: try bytes(reference, option), as: UTF8.self) else {
            throw StartFault("\(option) leads to something that is no text")
        }
        body[member] = .string(text)
    }

    mutating func bytes(_ reference: String, _ option: String) throws(StartFault) -> [UInt8] {
        let bytes: [UInt8]
        if reference == "-" {
            bytes = try read(for: option)
        } else if let name = Self.rest(of: reference, behind: "env:") {
            guard let value = environment[name], !value.isEmpty else {
                throw StartFault("\(option): the environment variable \(name) is not set", remedy: "export \(name), or use file:PATH")
            }
            bytes = Array(value.utf8)
        } else if let path = Self.rest(of: reference, behind: "file:") {
            bytes = try CredentialFile.bytes(path)
        } else {
            // Nothing of it is repeated: it may well be the secret.
            throw StartFault(
                "\(option) takes env:NAME, file:PATH or - (standard input), and never the secret itself: everybody on the machine could read it in the "
                    + "list of processes, and the shell keeps it in its history",
                remedy: "if this was a real one, replace it at the provider")
        }
        guard !bytes.isEmpty else { throw StartFault("\(option) leads to something empty") }
        return bytes
    }

    private mutating func read(for option: String) throws(StartFault) -> [UInt8] {
        if let standardInput, !Terminal.isInteractive {
            throw StartFault(
                "\(standardInput) and \(option) both read standard input, which holds one secret", remedy: "use env:NAME or file:PATH for one")
        }
        standardInput = option
        if Terminal.isInteractive { return Array(try Terminal.ask("\(option): ").utf8) }
        let input = try InputFile("-")
        var bytes: [UInt8] = []
        while true {
            let piece = try input.read(65_536)
            if piece.isEmpty { return bytes }
            bytes += piece
            guard bytes.count <= CredentialFile.limit else { throw StartFault("\(option): standard input is larger than any credential") }
        }
    }

    private static func rest(of text: String, behind mark: String) -> String? {
        text.hasPrefix(mark) && text.utf8.count > mark.utf8.count ? String(text.dropFirst(mark.count)) : nil
    }
}
