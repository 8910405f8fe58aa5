import Domain

/// One page of notification records and the number of all that the filter lets through.
///
/// Ids are found in one index alone, which is in list order; rows are read for the page only. Totals are counted ahead.
struct NotificationRecordListing {
    var filter: NotificationRecordFilter
    var scope: OrgScope
    var dialect: SQLDialect

    func page(_ page: Page, _ connection: any SQLConnection) throws -> Listing<NotificationRecord> {
        let span = filter.span
        let total = try total(connection)
        var rest = span
        var offset = (page.number - 1) * page.limit
        if let after = page.after {
            guard let id = Identifier(text: after, prefix: NotificationRecord.idPrefix) else {
                return Listing(elements: [], total: total, hasMore: false)
            }
            rest = span.lowerBound..<max(span.lowerBound, min(span.upperBound, id))
            offset = 0
        }
        guard offset < total else { return Listing(elements: [], total: total, hasMore: false) }
        let ids = try ids(strands(offset: offset), rest, offset: offset, limit: page.limit + 1, connection)
        return Listing(elements: try rows(Array(ids.prefix(page.limit)), connection), total: total, hasMore: ids.count > page.limit)
    }

    private func total(_ connection: any SQLConnection) throws -> Int {
        if case .orgs(let orgs) = scope, orgs.isEmpty { return 0 }
        // A mentor's or a coordinator's records are few, and are counted one by one.
        guard filter.mentorID == nil, filter.coordinatorID == nil, filter.eventType != "" else { return try count(filter.span, connection) }
        let selection = ListSelection(list: CountedTable.recordList, scope: scope, category: filter.eventType)
        return try ListLength(connection).count(selection, keys: filter.keys) { try count(Self.ids($0), connection) }
    }

    private static func ids(_ keys: Range<Int64>) -> Range<Identifier> {
        let upper = keys.upperBound == .max ? .greatest : Identifier.lowest(notBefore: Timestamp(microseconds: keys.upperBound))
        return .lowest(notBefore: Timestamp(microseconds: keys.lowerBound))..<upper
    }

    private func count(_ span: Range<Identifier>, _ connection: any SQLConnection) throws -> Int {
        let strand = countedStrand
        var count = 0
        try connection.query(
            "SELECT count(*) FROM \(strand.table(dialect)) WHERE \(strand.condition) AND id >= ? AND id < ?", strand.arguments + span.arguments
        ) { count = $0.count(0) }
        return count
    }

    private func ids(
        _ strands: [Strand], _ span: Range<Identifier>, offset: Int, limit: Int, _ connection: any SQLConnection
    ) throws -> [String] {
        if strands.count == 1 { return try ids(strands[0], span, offset: offset, limit: limit, connection) }
        // Every strand may have all of the page: its first entries are the candidates.
        let candidates = try strands.flatMap { try ids($0, span, offset: 0, limit: offset + limit, connection) }
        return Array(candidates.sorted(by: >).dropFirst(offset).prefix(limit))
    }

    private func ids(_ strand: Strand, _ span: Range<Identifier>, offset: Int, limit: Int, _ connection: any SQLConnection) throws -> [String] {
        var ids: [String] = []
        try connection.query(
            """
            SELECT id FROM \(strand.table(dialect)) WHERE \(strand.condition) AND id >= ? AND id < ?
            ORDER BY id DESC LIMIT ? OFFSET ?
            """, strand.arguments + span.arguments + [SQLValue(limit), SQLValue(offset)]
        ) { if let id = $0.text(0) { ids.append(id) } }
        return ids
    }

    private func rows(_ ids: [String], _ connection: any SQLConnection) throws -> [NotificationRecord] {
        guard !ids.isEmpty else { return [] }
        let list = SQLList(ids.map { .text($0) })
        var records: [NotificationRecord] = []
        try connection.query(
            "SELECT \(NotificationRecord.selection) FROM notification_records WHERE id IN (\(list.placeholders)) ORDER BY id DESC", list.arguments
        ) { records.append(try NotificationRecord($0)) }
        return records
    }
}

/// A range of one index, in list order.
private struct Strand {
    var index: String
    var condition: String
    var arguments: [SQLValue]

    init(_ index: String, _ conditions: (sql: String, arguments: [SQLValue])...) {
        self.index = index
        condition = conditions.map(\.sql).joined(separator: " AND ")
        arguments = conditions.flatMap(\.arguments)
    }

    func table(_ dialect: SQLDialect) -> String { "notification_records \(dialect.going(by: index))" }
}

extension NotificationRecordListing {
    /// Up to so many orgs each has a strand of its own; a wider scope is filtered out of all.
    private static let separateOrgs = 16

    /// Merging holds the entries before the page in memory, once per strand: a page deeper than this is found along the whole.
    private static let mergedOffset = 2_000

    /// The narrowest index first: a mentor has fewer records than a coordinator, who has fewer than an event.
    private func strands(offset: Int) -> [Strand] {
        let mentor = equality("mentor_id", filter.mentorID)
        let coordinator = equality("coordinator_id", filter.coordinatorID)
        let event = equality("event_type", filter.eventType)
        let visible = scope.condition(on: "org_id")
        if filter.mentorID != nil { return [Strand("notification_records_by_mentor", mentor, coordinator, event, visible)] }
        if filter.coordinatorID != nil { return [Strand("notification_records_by_coordinator", coordinator, event, visible)] }
        if filter.eventType != nil { return [Strand("notification_records_by_event", event, visible)] }
        if case .orgs(let orgs) = scope, orgs.count <= Self.separateOrgs, orgs.count == 1 || offset <= Self.mergedOffset {
            return orgs.sorted().map { Strand("notification_records_by_org", equality("org_id", $0)) }
        }
        return [Strand("notification_records_by_time", visible)]
    }

    /// A count needs no order: the ranges of many orgs are as good as one, where a list would have to look at everybody's.
    private var countedStrand: Strand {
        guard case .orgs = scope, filter.mentorID == nil, filter.coordinatorID == nil, filter.eventType == nil else {
            return strands(offset: 0)[0]
        }
        return Strand("notification_records_by_org", scope.condition(on: "org_id"))
    }

    private func equality(_ column: String, _ value: String?) -> (sql: String, arguments: [SQLValue]) {
        value.map { ("\(column) = ?", [.text($0)]) } ?? ("1 = 1", [])
    }
}

extension NotificationRecordFilter {
    /// Ids are made at the moment that the record shows, so the times of a filter are bounds of ids.
    fileprivate var span: Range<Identifier> {
        let lower = from.map { Identifier.lowest(notBefore: $0) } ?? .lowest
        let upper = to.map { Identifier.lowest(notBefore: $0) } ?? .greatest
        return lower..<max(lower, upper)
    }
}

extension NotificationRecordFilter {
    /// The same in microseconds.
    fileprivate var keys: Range<Int64> {
        let lower = max(from?.microseconds ?? 0, 0)
        return lower..<max(to?.microseconds ?? .max, lower)
    }
}

extension Range<Identifier> {
    fileprivate var arguments: [SQLValue] { [SQLValue(lowerBound), SQLValue(upperBound)] }
}
