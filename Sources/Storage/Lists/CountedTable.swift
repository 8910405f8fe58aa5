import Domain

/// A table whose lists know their length without counting rows.
///
/// Triggers write down each row that comes, goes or changes its status, in the very transaction that does it: whatever statement does so, from whatever
/// program, nothing can be forgotten. Excepted are the four statements that every message goes through: those that insert notifications and deliveries, the
/// one that settles a delivery and the one that says that a notification's only target was reached count for themselves (`ListChanges`). `ListFold` adds what was
/// written down to the counts, some thousands at a time, and `ListLength` reads both.
///
/// To count another table: describe it here as `notifications` is described, give its triggers and `counting` to a migration, and have its list ask
/// `ListLength` for the total and, where the order of the list is that of its moments, `ListBlocks` for where its rows stand.
struct CountedTable: Sendable {
    let name: String
    /// SQL for each property of a row, which goes by the name that is given. `status` is NULL for a row that no list shows.
    let list: @Sendable (_ row: String) -> String
    let org: @Sendable (_ row: String) -> String
    /// Empty for none.
    let category: @Sendable (_ row: String) -> String
    let status: @Sendable (_ row: String) -> String
    /// A row's place in the list, in microseconds; never changes.
    let key: @Sendable (_ row: String) -> String
    /// By how much `key` is later than the moment by which `from` and `to` judge the row.
    let ahead: @Sendable (_ row: String) -> String
    /// The columns that `status` reads; none where it never changes.
    let statusColumns: [String]
    /// The columns that list, org and category read. They seldom change, if ever; the triggers count right when they do.
    let placeColumns: [String]
    /// True where rows come by a statement that counts them itself.
    var comesCounted = false
    /// True of a row whose change of status is counted by the statement that makes it; nil for none.
    var isCountedAside: (@Sendable (_ old: String, _ new: String) -> String)?

    static let all: [CountedTable] = [.notifications, .deliveries, .records]

    /// One list for each contract; the category is the notification's.
    static let notifications = CountedTable(
        name: "notifications", list: { "\($0).contract" }, org: { "\($0).org_id" }, category: { "coalesce(\($0).category, '')" },
        status: { "CASE WHEN \($0).sort_key > 0 THEN \($0).status END" }, key: { "abs(\($0).sort_key)" },
        ahead: { "abs(\($0).sort_key) - \($0).created_at" }, statusColumns: ["status", "sort_key"],
        placeColumns: ["org_id", "contract", "category"], comesCounted: true, isCountedAside: Settlement.isReachOfOnly)

    /// The list of all deliveries; the category is the provider. What waits and what is being sent are one status: deliveries go to and fro between
    /// the two, and those being sent are few enough to be counted. What becomes of a delivery that a gateway holds under its lease is for that gateway
    /// to count.
    static let deliveries = CountedTable(
        name: "deliveries", list: { _ in "'\(deliveryList)'" }, org: { "\($0).org_id" }, category: { "\($0).provider" },
        status: { "CASE WHEN \($0).state IN ('queued', 'sending') THEN '\(waiting)' ELSE \($0).state END" }, key: { "\($0).created_at" },
        ahead: { _ in "0" }, statusColumns: ["state"], placeColumns: ["org_id", "provider"], comesCounted: true,
        isCountedAside: { old, _ in "\(old).lease_holder IS NOT NULL" })

    /// The list of notification records; the category is the event's type. They have no status: each is there.
    static let records = CountedTable(
        name: "notification_records", list: { _ in "'\(recordList)'" }, org: { "\($0).org_id" }, category: { "\($0).event_type" },
        status: { _ in "'there'" }, key: { "\($0).sent_at" }, ahead: { _ in "0" }, statusColumns: [], placeColumns: ["org_id", "event_type"])

    static let deliveryList = "deliveries"
    static let recordList = "notification-records"
    static let waiting = "waiting"

    /// The status of a delivery in the list of deliveries.
    static func status(of state: DeliveryState) -> String { state == .queued || state == .sending ? waiting : state.rawValue }

    /// Keys in one slot. Blocks begin where a slot does; as it is a whole number of milliseconds, ids can be cut there too.
    static let slot: Int64 = 4_000
}

extension CountedTable {
    /// The statements that make the triggers.
    func triggers(_ dialect: SQLDialect) -> [String] {
        let isElsewhere = [list, org, category].map { "\($0("old")) <> \($0("new"))" }.joined(separator: " OR ")
        // What is cheap to ask comes first.
        let statusChanges =
            (isCountedAside.map { "NOT (\($0("old", "new"))) AND " } ?? "") + "coalesce(\(status("old")), '') <> coalesce(\(status("new")), '')"
        return [
            comesCounted
                ? []
                : dialect.trigger(
                    "\(name)_come", "INSERT ON \(name)", when: "\(status("new")) IS NOT NULL", [change("new", left: nil, entered: "new")]),
            dialect.trigger("\(name)_go", "DELETE ON \(name)", when: "\(status("old")) IS NOT NULL", [change("old", left: "old", entered: nil)]),
            statusColumns.isEmpty
                ? []
                : dialect.trigger(
                    "\(name)_change", "UPDATE OF \(statusColumns.joined(separator: ", ")) ON \(name)",
                    when: "\(statusChanges) AND NOT (\(isElsewhere))", [change("new", left: "old", entered: "new")]),
            dialect.trigger(
                "\(name)_move", "UPDATE OF \(placeColumns.joined(separator: ", ")) ON \(name)", when: isElsewhere,
                [change("old", left: "old", entered: nil), change("new", left: nil, entered: "new")]),
        ].flatMap(\.self)
    }

    /// The statement that writes down all rows that stand there already, as if they came now.
    var counting: String {
        "\(Self.insertion) SELECT \(values(name, left: nil, entered: name)) FROM \(name) WHERE \(status(name)) IS NOT NULL ORDER BY \(key(name))"
    }

    static let insertion = "INSERT INTO list_changes (list, org_id, category, slot, left_status, entered_status, ahead, count)"

    private func change(_ row: String, left: String?, entered: String?) -> String {
        "\(Self.insertion) VALUES (\(values(row, left: left, entered: entered)))"
    }

    private func values(_ row: String, left: String?, entered: String?) -> String {
        let statuses = [left, entered].map { $0.map(status) ?? "NULL" }
        return ([list(row), org(row), category(row), "\(key(row)) / \(Self.slot)"] + statuses + [ahead(row), "1"]).joined(separator: ", ")
    }
}
