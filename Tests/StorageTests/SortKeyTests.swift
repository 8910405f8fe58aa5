import Domain
import Testing

@testable import Storage

@Suite("Sort keys")
struct SortKeyTests {
    private func keys(_ moments: [Int64], _ run: inout SortKeys.Run) -> [Int64] {
        moments.map { run.key(for: Timestamp(microseconds: $0)) }
    }

    @Test func `a key is the moment itself while that is free, and counts up within a moment`() {
        var run = SortKeys.Run()
        #expect(keys([100, 100, 100, 250, 260, 260], &run) == [100, 101, 102, 250, 260, 261])
    }

    @Test func `a moment that was counted over is not given twice`() {
        var run = SortKeys.Run()
        #expect(keys([100, 100, 100, 101, 102, 103], &run) == [100, 101, 102, 103, 104, 105])
    }

    @Test func `strides grow behind keys that are taken`() {
        var run = SortKeys.Run()
        _ = keys([100], &run)
        #expect((0..<4).map { _ in run.keyAfterTaken() } == [101, 103, 107, 115])
        #expect(keys([100], &run) == [116])
    }

    @Test(arguments: Backend.available)
    func `keys taken by an earlier life of the gateway are passed over`(backend: Backend) async throws {
        try await backend.withStores { stores in
            try await stores.queue.insert((0..<40).map { _ in newNotification() }, lease: .ours)
            // The same clock again, and no memory of the keys given.
            let reborn = Stores(stores.committer)
            try await reborn.queue.insert((0..<40).map { _ in newNotification() }, lease: .ours)
            #expect(try await reborn.notifications.list(NotificationFilter(), page: Page(), scope: .all).total == 80)
        }
    }
}
