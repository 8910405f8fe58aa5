/// Whose row is asked for, seen from the caller's org.
enum Neighbourhood: String, Sendable, CaseIterable {
    case own
    case below
    case above
    case foreign

    /// The caller stands in `org_default` of `TestCredentials.tree`.
    var orgID: String {
        switch self {
        case .own: "org_default"
        case .below: "org_below"
        case .above: "org_top"
        case .foreign: "org_else"
        }
    }

    /// Within reach of everybody who calls from there.
    var isBelow: Bool { self == .own || self == .below }
}
