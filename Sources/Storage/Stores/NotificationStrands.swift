import Domain

/// The strands of one contract's list: ranges of one index, each in list order, whose merger holds all that the filter lets through.
struct NotificationStrands {
    struct Strand {
        var index: String
        var condition: String
        var arguments: [SQLValue]

        func table(_ dialect: SQLDialect) -> String { "notifications \(dialect.going(by: index))" }
    }

    let strands: [Strand]
    /// True when every row of the strands is one of the list, so that the first ones are the page.
    let areExact: Bool

    /// The rows that the index by status holds: what most are is found among all.
    static let isSeldom = "status NOT IN ('queued', 'reached')"

    /// Up to so many orgs each has strands of its own; a wider scope is filtered out of all.
    private static let separateOrgs = 16

    /// Goes by the index with the fewest rows to look through.
    ///
    /// - Parameter count: how many rows a list has.
    init(_ filter: NotificationFilter, _ contract: Contract, _ scope: OrgScope, count: (ListSelection) throws -> Int) rethrows {
        let conditions = Conditions(filter, contract, scope)
        // A user or a prompt has fewer notifications than anything else.
        if filter.userID != nil || filter.promptID != nil {
            strands = [conditions.strand("notifications_by_\(filter.userID == nil ? "prompt" : "user")")]
            areExact = false
            return
        }
        var ways: [(selection: ListSelection, strands: [Strand], isExact: Bool)] = []
        let list = contract.rawValue
        let statuses = filter.statuses.map(\.column)
        if !statuses.isEmpty, !statuses.contains("queued"), !statuses.contains("reached") {
            ways.append(
                (
                    ListSelection(list: list, scope: .all, statuses: statuses),
                    statuses.map { conditions.strand("notifications_by_status", with: $0, in: .status, and: Self.isSeldom) },
                    filter.category == nil && scope == .all
                ))
        }
        if let category = filter.category {
            // Another contract may have the same category.
            ways.append((ListSelection(list: list, scope: .all, category: category), [conditions.strand("notifications_by_category")], false))
        }
        if case .orgs(let orgs) = scope, orgs.count <= Self.separateOrgs {
            ways.append(
                (
                    ListSelection(list: list, scope: scope),
                    orgs.sorted().map { conditions.strand("notifications_by_org", with: $0, in: .org) },
                    filter.category == nil && filter.statuses.isEmpty
                ))
        }
        if ways.isEmpty {
            ways.append((ListSelection(list: list, scope: .all), [conditions.strand("notifications_by_contract")], scope == .all && statuses.isEmpty))
        }
        var best = ways[0]
        if ways.count > 1 {
            var fewest = try count(best.selection)
            for way in ways.dropFirst() {
                let rows = try count(way.selection)
                if rows < fewest { (best, fewest) = (way, rows) }
            }
        }
        strands = best.strands
        areExact = best.isExact
    }
}

/// What the filter asks of a row, by column.
private struct Conditions {
    enum Column: String {
        case user = "user_id"
        case prompt = "prompt_id"
        case category = "category"
        case status = "status"
        case contract = "contract"
        case org = "org_id"
    }

    /// Any of these values.
    private var values: [(column: Column, values: [String])]

    init(_ filter: NotificationFilter, _ contract: Contract, _ scope: OrgScope) {
        values = [(.contract, [contract.rawValue])]
        if let userID = filter.userID { values.append((.user, [userID])) }
        if let promptID = filter.promptID { values.append((.prompt, [promptID])) }
        if let category = filter.category { values.append((.category, [category])) }
        if !filter.statuses.isEmpty { values.append((.status, filter.statuses.map(\.column))) }
        if case .orgs(let orgs) = scope { values.append((.org, orgs.sorted())) }
    }

    func strand(_ index: String) -> NotificationStrands.Strand { Self.strand(index, values) }

    /// With one of the values only.
    func strand(_ index: String, with value: String, in column: Column, and condition: String? = nil) -> NotificationStrands.Strand {
        var strand = Self.strand(index, values.map { $0.column == column ? (column, [value]) : $0 })
        if let condition { strand.condition += " AND \(condition)" }
        return strand
    }

    private static func strand(_ index: String, _ values: [(column: Column, values: [String])]) -> NotificationStrands.Strand {
        var parts: [String] = []
        var arguments: [SQLValue] = []
        for (column, values) in values {
            if values.count == 1 {
                parts.append("\(column.rawValue) = ?")
                arguments.append(.text(values[0]))
            } else if values.isEmpty {
                parts.append("1 = 0")
            } else {
                let list = SQLList(values.map { .text($0) })
                parts.append("\(column.rawValue) IN (\(list.placeholders))")
                arguments += list.arguments
            }
        }
        return NotificationStrands.Strand(index: index, condition: parts.joined(separator: " AND "), arguments: arguments)
    }
}
