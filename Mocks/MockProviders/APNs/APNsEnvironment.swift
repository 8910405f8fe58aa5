/// Apple's two worlds. A device token, and some keys and certificates, belong to one of them.
public enum APNsEnvironment: String, Sendable, Hashable, CaseIterable {
    case production, sandbox

    /// By the host that the client believes it speaks to: `api.sandbox.push.apple.com`, `api.development.push.apple.com`, or a name of one's own
    /// that begins with `sandbox.`, means the sandbox.
    init(authority: String) {
        let host = authority.lowercased()
        let isSandbox = host.hasPrefix("sandbox.") || host.hasPrefix("api.sandbox.") || host.hasPrefix("api.development.")
        self = isSandbox ? .sandbox : .production
    }
}
