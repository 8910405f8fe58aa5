import Domain

/// Rows that come into counted lists, or change their status there, by statements that count for themselves: a trigger for each of thousands of rows would
/// cost more than the rows' own indexes. Alike ones are added up and written down once, in the transaction that makes them.
struct ListChanges {
    private struct Kind: Hashable {
        var slot: Int64
        var list: String
        var org: String
        var category: String
        var left: String?
        var entered: String
    }

    private struct Sum {
        var count = 0
        var ahead: Int64 = 0

        mutating func add(_ other: Sum) {
            count += other.count
            ahead = max(ahead, other.ahead)
        }
    }

    private var sums: [Kind: Sum] = [:]
    /// The kinds that were added to last. Nearly every row is of one of them: a call's rows come alike, a notification and its delivery by turns.
    private var recent: [(kind: Kind, sum: Sum)] = []
    /// Which of them gives way to another kind.
    private var next = 0

    /// - Parameter key: the row's place in its list, as `CountedTable` says.
    /// - Parameter left: nil for a row that is new.
    mutating func add(
        _ list: String, org: String, category: String, key: Int64, left: String? = nil, entered: String, ahead: Int64 = 0
    ) {
        let slot = key / CountedTable.slot
        let known = recent.firstIndex { known, _ in
            known.slot == slot && known.list == list && known.entered == entered && known.left == left && known.org == org
                && known.category == category
        }
        if let known { return recent[known].sum.add(Sum(count: 1, ahead: ahead)) }
        let new = (kind: Kind(slot: slot, list: list, org: org, category: category, left: left, entered: entered), sum: Sum(count: 1, ahead: ahead))
        guard recent.count == 4 else { return recent.append(new) }
        sums[recent[next].kind, default: Sum()].add(recent[next].sum)
        recent[next] = new
        next = (next + 1) % 4
    }

    mutating func write(_ connection: any SQLConnection) throws {
        for (kind, sum) in recent { sums[kind, default: Sum()].add(sum) }
        recent = []
        next = 0
        for (kind, sum) in sums {
            try connection.run(
                CountedTable.insertion + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    .text(kind.list), .text(kind.org), .text(kind.category), .integer(kind.slot), SQLValue(kind.left), .text(kind.entered),
                    .integer(sum.ahead), SQLValue(sum.count),
                ])
        }
        sums = [:]
    }
}

extension ListChanges {
    /// A new notification.
    mutating func came(_ notification: Notification, sortKey: Int64) {
        add(
            notification.contract.rawValue, org: notification.orgID, category: notification.category ?? "", key: sortKey,
            entered: notification.status.column, ahead: sortKey - notification.createdAt.microseconds)
    }

    /// A new delivery.
    mutating func came(_ delivery: Delivery) {
        add(
            CountedTable.deliveryList, org: delivery.orgID, category: delivery.lane.provider.rawValue, key: delivery.createdAt.microseconds,
            entered: CountedTable.status(of: delivery.state))
    }

    /// A delivery that its gateway held.
    mutating func settled(_ delivery: Delivery, as state: DeliveryState) {
        let entered = CountedTable.status(of: state)
        guard entered != CountedTable.waiting else { return }
        add(
            CountedTable.deliveryList, org: delivery.orgID, category: delivery.lane.provider.rawValue, key: delivery.createdAt.microseconds,
            left: CountedTable.waiting, entered: entered)
    }

    /// A notification whose only target was reached.
    mutating func reached(_ delivery: Delivery, at place: NotificationPlace) {
        add(
            place.contract.rawValue, org: delivery.orgID, category: place.category ?? "", key: place.key, left: FoldedStatus.queued.rawValue,
            entered: FoldedStatus.reached.rawValue)
    }
}
