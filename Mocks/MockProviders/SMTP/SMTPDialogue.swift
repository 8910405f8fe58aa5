/// What was said on a connection since the last mail, for whoever wants to know why it went as it did. Passwords are left out.
struct SMTPDialogue {
    /// A client that goes on and on is not worth more memory than this.
    static let limit = 200

    private(set) var lines: [String] = []
    private var isSecret = false

    mutating func client(_ line: String) {
        let isAuthentication = line.prefix(5).uppercased() == "AUTH "
        add("C: " + (isSecret ? "(secret)" : isAuthentication ? Self.masked(line) : line))
    }

    mutating func server(_ reply: SMTPReply) {
        // Whatever answers 334 is user or password.
        isSecret = reply.code == 334
        for line in reply.text.split(separator: "\r\n") { add("S: \(line)") }
    }

    mutating func startAnew() { lines = [] }

    private mutating func add(_ line: String) {
        if lines.count < Self.limit { lines.append(String(line.prefix(600))) }
    }

    private static func masked(_ line: String) -> String {
        let parts = line.split(separator: " ")
        return parts.prefix(2).joined(separator: " ") + (parts.count > 2 ? " (secret)" : "")
    }
}
