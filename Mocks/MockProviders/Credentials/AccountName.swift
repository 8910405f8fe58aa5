/// A name like `shop`, and what the providers call its bearer: one look at an id in a log says whose it is.
struct AccountName: Sendable, Hashable {
    let text: String

    /// Nil unless it can be part of a bundle id, a project id and a mail user: small letters, digits and `-`, beginning with a letter.
    init?(_ text: String) {
        guard text.wholeMatch(of: #/[a-z][a-z0-9-]{0,19}/#) != nil else { return nil }
        self.text = text
    }

    var teamID: String { padded("TEAM") }
    var keyID: String { padded("KEY1") }
    var topic: String { "com.example.\(text)" }
    var project: String { "\(text)-project" }
    /// Words of a push token are made of letters, digits and `_`: `ExponentPushToken[project-my_shop-1]`.
    var expoProject: String { "@mock/\(text.replacing("-", with: "_"))" }

    /// Ten characters, as Apple's ids have.
    private func padded(_ end: String) -> String {
        let letters = String(text.uppercased().filter { $0 != "-" }.prefix(10 - end.count))
        return letters + String(repeating: "0", count: 10 - end.count - letters.count) + end
    }
}
