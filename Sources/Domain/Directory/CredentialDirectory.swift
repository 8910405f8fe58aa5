/// Which credential serves which org: what intake needs to know to choose a lane. No secrets.
public protocol CredentialDirectory: Sendable {
    /// The lane for a recipient of `orgID`: the org's own credential of that provider, else its nearest ancestor's.
    ///
    /// - Parameter name: the credential asked for by name; nil means the only or first one.
    /// - Parameter app: the app that the token belongs to (bundle id, package name, Expo's `@owner/slug`), where it is known and no name is given: the nearest
    ///   credential that names the app among its own, else the nearest that names none.
    func lane(orgID: String, provider: ProviderName, name: String?, app: String?) -> LaneKey?

    /// All orgs that are known, by file, by the directory or by both, as one tree without circles: id, parent, display name.
    var organisations: [Organisation] { get }

    /// Those that exist without the directory: declared by a file, or there by themselves.
    var declared: [Organisation] { get }

    /// Makes the directory's organisations part of the tree, in place of those that it said before. Name and parent are the directory's to say.
    func adopt(_ organisations: [Organisation])
}

extension CredentialDirectory {
    public func lane(orgID: String, provider: ProviderName, name: String?) -> LaneKey? {
        lane(orgID: orgID, provider: provider, name: name, app: nil)
    }

    public var declared: [Organisation] { organisations }

    public func adopt(_ organisations: [Organisation]) {}
}
