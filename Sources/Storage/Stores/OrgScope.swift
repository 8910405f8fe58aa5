/// Whose rows a caller may see; part of every query, so that a handler can't forget it.
public enum OrgScope: Sendable, Hashable {
    case all
    case orgs(Set<String>)

    public func contains(_ orgID: String) -> Bool {
        switch self {
        case .all: true
        case .orgs(let orgs): orgs.contains(orgID)
        }
    }

    /// That one org where it is within the scope, else nothing.
    public func narrowed(to orgID: String) -> OrgScope { .orgs(contains(orgID) ? [orgID] : []) }
}

/// One page of a list, newest first.
public struct Page: Sendable, Hashable {
    /// From 1.
    public var number: Int
    /// 1 to 100.
    public var limit: Int
    /// Id of the last entry of the page before; wins over `number`.
    public var after: String?

    public init(number: Int = 1, limit: Int = 20, after: String? = nil) {
        self.number = number
        self.limit = limit
        self.after = after
    }
}

public struct Listing<Element: Sendable>: Sendable {
    public var elements: [Element]
    /// Over all pages.
    public var total: Int
    /// True when older entries follow.
    public var hasMore: Bool

    public init(elements: [Element], total: Int, hasMore: Bool) {
        self.elements = elements
        self.total = total
        self.hasMore = hasMore
    }
}
