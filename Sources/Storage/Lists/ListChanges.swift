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
    }

    private var sums: [Kind: Sum] = [:]
    // Most rows are of the kind of the row before them.
    private var last: Kind?
    private var lastSum = Sum()

    /// - Parameter key: the row's place in its list, as `CountedTable` says.
    /// - Parameter left: nil for a row that is new.
    mutating func add(
        _ list: String, org: String, category: String, key: Int64, left: String? = nil, entered: String, ahead: Int64 = 0
    ) {
        let kind = Kind(slot: key / CountedTable.slot, list: list, org: org, category: category, left: left, entered: entered)
        if kind != last {
            keepLast()
            last = kind
        }
        lastSum.count += 1
        lastSum.ahead = max(lastSum.ahead, ahead)
    }

    private mutating func keepLast() {
        guard let last else { return }
        var sum = sums[last] ?? Sum()
        sum.count += lastSum.count
        sum.ahead = max(sum.ahead, lastSum.ahead)
        sums[last] = sum
        lastSum = Sum()
    }

    mutating func write(_ connection: any SQLConnection) throws {
        keepLast()
        last = nil
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
}
