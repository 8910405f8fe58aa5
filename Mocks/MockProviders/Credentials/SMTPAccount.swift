import Foundation

/// Who may send mail.
struct SMTPAccount: Sendable {
    let username: String
    let password: String

    init(username: String, password: String = SMTPAccount.randomPassword()) {
        self.username = username
        self.password = password
    }

    init(in directory: URL?, usualName: String) throws {
        let file = directory?.appending(path: "smtp.json")
        guard let file, FileManager.default.fileExists(atPath: file.path) else {
            self.init(username: usualName)
            return
        }
        let json = try? JSON(parsing: Data(contentsOf: file))
        guard let username = json?["username"]?.text, let password = json?["password"]?.text else {
            throw SetUpFault("\(file.path) has no username and password. Remove it to get new ones, or name another --keys-dir.")
        }
        self.init(username: username, password: password)
    }

    static func randomPassword() -> String { Hex.text(of: (0..<12).map { _ in UInt8.random(in: 0...255) }) }

    var description: String {
        let json = JSON.object(["username": .string(username), "password": .string(password)])
        return String(decoding: json.encoded, as: UTF8.self) + "\n"
    }
}
