import Domain
import Storage
import Testing

@Suite("Leases")
struct LeaseTests {
    @Test(arguments: Backend.available)
    func `what a dead gateway holds is given back, what a living one holds is not`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let ours = newNotification(state: .sending)
            let theirs = newNotification(state: .sending)
            let nobodys = newNotification(state: .sending)
            try await stores.queue.renew(.ours, until: .start + .seconds(60), now: .start)
            try await stores.queue.renew(.theirs, until: .start + .seconds(30), now: .start)
            try await stores.queue.insert([ours], lease: .ours)
            try await stores.queue.insert([theirs], lease: .theirs)
            try await stores.queue.insert([nobodys], lease: Lease(holder: "never registered"))
            #expect(try await stores.queue.reap(now: .start, alone: false, lease: .ours) == 1)
            try await stores.queue.renew(.theirs, until: .start + .seconds(45), now: .start)
            #expect(try await stores.queue.reap(now: .start + .seconds(44), alone: false, lease: .ours) == 0)
            #expect(try await stores.queue.reap(now: .start + .seconds(45), alone: false, lease: .ours) == 1)
            #expect(try await stores.queue.settle([.delivered(theirs.delivery)], lease: .theirs) == [false])
            #expect(try await stores.queue.settle([.delivered(ours.delivery)], lease: .ours) == [true])
        }
    }

    @Test(arguments: Backend.available)
    func `a gateway that is alone takes back every lease but its own`(backend: Backend) async throws {
        try await backend.withStores { stores in
            try await stores.queue.renew(.ours, until: .start + .seconds(60), now: .start)
            try await stores.queue.renew(.theirs, until: .start + .seconds(60), now: .start)
            try await stores.queue.insert([newNotification(state: .sending)], lease: .ours)
            try await stores.queue.insert([newNotification(state: .sending)], lease: .theirs)
            #expect(try await stores.queue.reap(now: .start, alone: true, lease: .ours) == 1)
            #expect(try await stores.queue.claim(lane: .apns, limit: 5, now: .start, lease: .ours).count == 1)
        }
    }

    @Test(arguments: Backend.available)
    func `a surrendered lease leaves its deliveries queued`(backend: Backend) async throws {
        try await backend.withStores { stores in
            try await stores.queue.renew(.ours, until: .start + .seconds(60), now: .start)
            try await stores.queue.insert([newNotification(state: .sending)], lease: .ours)
            try await stores.queue.surrender(.ours, now: .start + .seconds(1))
            #expect(try await stores.queue.backlog() == [Backlog(lane: .apns, nextAttemptAt: .start + .seconds(1))])
        }
    }
}
