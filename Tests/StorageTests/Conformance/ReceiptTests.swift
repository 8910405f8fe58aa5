import Domain
import Storage
import Testing

@Suite("Receipts")
struct ReceiptTests {
    /// A delivery that Expo has given a ticket for, due to be asked about a minute later.
    private func sent(_ stores: Stores, ticket: String = "ticket-1", address: String = "ExponentPushToken[a]") async throws -> NewNotification {
        let new = newNotification(lane: .expo, to: [Target(address: address, registeredAt: .start)], state: .sending)
        try await stores.queue.insert([new], lease: .ours)
        let settlement = Settlement(
            new.delivery, .awaitingReceipt, next: .awaitingReceipt, messageID: ticket, receiptDueAt: .start + .seconds(60))
        #expect(try await stores.queue.settle([settlement], lease: .ours) == [true])
        return new
    }

    @Test(arguments: Backend.available)
    func `a ticket counts as reached and is asked about when it is due`(backend: Backend) async throws {
        try await backend.withStores { stores in
            #expect(try await stores.queue.nextReceiptDueAt() == nil)
            let new = try await sent(stores)
            #expect(try await stores.notifications.get(new.notification.id, scope: .orgA)?.tally == Tally(targeted: 1, reached: 1))
            #expect(try await stores.queue.nextReceiptDueAt() == .start + .seconds(60))
            #expect(try await stores.queue.dueReceipts(now: .start + .seconds(59), limit: 9).isEmpty)
            let due = try await stores.queue.dueReceipts(now: .start + .seconds(60), limit: 9)
            #expect(due.map(\.ticket) == ["ticket-1"])
            #expect(due.map(\.delivery.id) == [new.delivery.id])
            #expect(due.map(\.delivery.state) == [.sent])
            #expect(due.map(\.sentAt) == [.start + .seconds(1)])
        }
    }

    @Test(arguments: Backend.available)
    func `a good receipt closes the delivery as delivered`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let new = try await sent(stores)
            let due = try await stores.queue.dueReceipts(now: .start + .seconds(60), limit: 9)
            let now = Timestamp.start + .seconds(61)
            let ok = Outcome(verdict: .accepted, rule: "expo.receipt.ok")
            let settlement = ReceiptSettlement(receipt: due[0], outcome: ok, action: .closed(next: .settled(.delivered), error: nil))
            // Twice: a repeated answer changes nothing more.
            try await stores.queue.settleReceipts([settlement], now: now)
            try await stores.queue.settleReceipts([settlement], now: now + .seconds(1))
            let delivery = try await stores.deliveries.get(new.delivery.id, scope: .orgA)
            #expect(delivery?.state == .delivered)
            #expect(delivery?.settledAt == now)
            #expect(try await stores.notifications.get(new.notification.id, scope: .orgA)?.tally == Tally(targeted: 1, reached: 1))
            #expect(try await stores.queue.nextReceiptDueAt() == nil)
        }
    }

    @Test(arguments: Backend.available)
    func `a bad receipt moves the target from reached to failed and kills the token`(backend: Backend) async throws {
        try await backend.withStores { stores in
            _ = try await stores.tokens.register(deviceToken("ExponentPushToken[a]", provider: .expo))
            let new = try await sent(stores)
            let due = try await stores.queue.dueReceipts(now: .start + .seconds(60), limit: 9)
            let gone = Outcome(verdict: .recipientGone(asOf: nil), rule: "expo.receipt.DeviceNotRegistered", reason: "DeviceNotRegistered")
            let settlement = ReceiptSettlement(receipt: due[0], outcome: gone, action: .closed(next: .settled(.failed), error: "The device is gone"))
            try await stores.queue.settleReceipts([settlement], now: .start + .seconds(61))
            try await stores.queue.settleReceipts([settlement], now: .start + .seconds(62))
            let stored = try #require(try await stores.notifications.get(new.notification.id, scope: .orgA))
            #expect(stored.tally == Tally(targeted: 1, failed: 1))
            #expect(stored.error == "The device is gone")
            #expect(try await stores.tokens.active(userID: "user_1", scope: .orgA).isEmpty)
            let attempts = try await stores.deliveries.attempts(of: new.delivery.id)
            #expect(attempts.map(\.rule) == ["expo.receipt.DeviceNotRegistered"])
            #expect(try await stores.notifications.list(.status(.folded(.failed)), page: Page(), scope: .orgA).total == 1)
        }
    }

    @Test(arguments: Backend.available)
    func `a receipt that asks for another attempt queues the delivery again`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let new = try await sent(stores)
            let due = try await stores.queue.dueReceipts(now: .start + .seconds(60), limit: 9)
            let busy = Outcome(verdict: .deferred(Wait()), rule: "expo.receipt.MessageRateExceeded", reason: "MessageRateExceeded")
            let again = Timestamp.start + .seconds(90)
            try await stores.queue.settleReceipts(
                [ReceiptSettlement(receipt: due[0], outcome: busy, action: .closed(next: .queued(at: again, counted: true), error: "Too fast"))],
                now: .start + .seconds(61))
            #expect(try await stores.notifications.get(new.notification.id, scope: .orgA)?.tally == Tally(targeted: 1))
            let claimed = try await stores.queue.claim(lane: .expo, limit: 1, now: again, lease: .ours)
            #expect(claimed.map(\.delivery.error) == ["Too fast"])
            let second = Settlement(claimed[0].delivery, .awaitingReceipt, next: .awaitingReceipt, messageID: "ticket-2", receiptDueAt: again)
            #expect(try await stores.queue.settle([second], lease: .ours) == [true])
            #expect(try await stores.queue.dueReceipts(now: again, limit: 9).map(\.ticket) == ["ticket-2"])
            #expect(try await stores.deliveries.attempts(of: new.delivery.id).map(\.outcome) == ["deferred", "awaiting_receipt"])
        }
    }

    @Test(arguments: Backend.available)
    func `a missing receipt is asked for again, and in the end given up`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let new = try await sent(stores)
            let due = try await stores.queue.dueReceipts(now: .start + .seconds(60), limit: 9)
            let later = Timestamp.start + .seconds(360)
            try await stores.queue.settleReceipts([ReceiptSettlement(receipt: due[0], outcome: nil, action: .askAgain(at: later))], now: .start)
            let asked = try await stores.queue.dueReceipts(now: later, limit: 9)
            #expect(asked.map(\.askedTimes) == [1])
            try await stores.queue.settleReceipts(
                [ReceiptSettlement(receipt: asked[0], outcome: nil, action: .gaveUp(note: "No receipt came within 24 hours"))], now: later)
            let delivery = try await stores.deliveries.get(new.delivery.id, scope: .orgA)
            #expect(delivery?.state == .delivered)
            #expect(delivery?.error == "No receipt came within 24 hours")
        }
    }

    @Test(arguments: Backend.available)
    func `a delivery that awaits a receipt without a ticket is refused as a whole`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let new = newNotification(lane: .expo, state: .sending)
            try await stores.queue.insert([new], lease: .ours)
            await #expect(throws: StorageError.self) {
                try await stores.queue.settle([Settlement(new.delivery, .awaitingReceipt, next: .awaitingReceipt)], lease: .ours)
            }
            #expect(try await stores.deliveries.get(new.delivery.id, scope: .orgA)?.state == .sending)
        }
    }
}
