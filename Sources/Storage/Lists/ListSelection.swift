/// Rows of a counted list, by what its counts tell apart.
struct ListSelection: Sendable {
    var list: String
    var scope: OrgScope
    /// Nil for all; an empty one can't be told from that, and is not counted.
    var category: String?
    /// Empty for all.
    var statuses: [String] = []
}
