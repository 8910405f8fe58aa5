/// Which credential serves which org: what intake needs to know to choose a lane. No secrets.
public protocol CredentialDirectory: Sendable {
    /// The lane for a recipient of `orgID`: the org's own credential of that provider, else its nearest ancestor's.
    ///
    /// - Parameter name: the credential asked for by name; nil means the only or first one.
    func lane(orgID: String, provider: ProviderName, name: String?) -> LaneKey?

    /// All orgs that are known by file: id, parent, display name.
    var organisations: [Organisation] { get }
}
