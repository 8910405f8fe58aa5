/// What a caller may do, by rank: each role stands above the ones before it.
public enum Role: String, Sendable, Hashable, CaseIterable, Comparable {
    case coordinator
    case orgAdmin = "org_admin"
    case globalAdmin = "global_admin"

    public static func < (a: Role, b: Role) -> Bool { a.rank < b.rank }

    private var rank: Int {
        switch self {
        case .coordinator: 0
        case .orgAdmin: 1
        case .globalAdmin: 2
        }
    }
}
