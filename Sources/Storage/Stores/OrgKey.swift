/// Where a list that is sorted by org, then by a key within it, stands: what `Page.after` of such a list holds.
public struct OrgKey: Sendable, Hashable {
    public var orgID: String
    public var key: String

    public init(orgID: String, key: String) {
        self.orgID = orgID
        self.key = key
    }

    /// Both in one text, whatever characters they hold.
    public var text: String { "\(orgID.utf8.count):\(orgID)\(key)" }

    /// Reads `text`; anything else gives nil.
    public init?(text: String) {
        guard let colon = text.firstIndex(of: ":"), let length = Int(text[..<colon]), length >= 0 else { return nil }
        let rest = text[text.index(after: colon)...].utf8
        guard rest.count >= length, let orgID = String(rest.prefix(length)), let key = String(rest.dropFirst(length)) else { return nil }
        self.init(orgID: orgID, key: key)
    }
}
