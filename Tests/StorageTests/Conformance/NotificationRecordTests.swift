import Domain
import Storage
import Testing

@Suite("Notification records")
struct NotificationRecordTests {
    private func record(
        _ mentor: String = "pm_1", coordinator: String = "coord_1", event: String = "pause_activated", org: String = "org_a",
        at now: Timestamp = .start
    ) -> NotificationRecord {
        NotificationRecord(
            id: .make(at: now), orgID: org, mentorID: mentor, coordinatorID: coordinator, eventType: event, effectiveDate: .start + .seconds(5),
            reason: "Personal leave", channels: [.push, .inApp], dispatchIDs: ["disp_1", "disp_2"])
    }

    /// Records, a second apart, the last one the newest.
    private func store(_ records: [NotificationRecord], _ stores: Stores) async throws {
        for record in records { try await stores.records.create(record, lease: .ours) }
    }

    private func later(_ seconds: Int) -> Timestamp { .start + .seconds(seconds) }

    @Test(arguments: Backend.available)
    func `a record is kept as it was given, and seen within its org alone`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let full = record()
            let bare = NotificationRecord(
                id: .make(at: .start), orgID: "org_b", mentorID: "pm_1", coordinatorID: "coord_1", eventType: "pause_activated", channels: [.sms])
            try await store([full, bare], stores)
            #expect(try await stores.records.get(full.id, scope: .orgA) == full)
            #expect(try await stores.records.get(bare.id, scope: .all) == bare)
            #expect(try await stores.records.get(bare.id, scope: .orgA) == nil)
            #expect(try await stores.records.get(bare.id, scope: .orgs([])) == nil)
            #expect(try await stores.records.get(.make(at: .start), scope: .all) == nil)
            await #expect(throws: StorageError.self) { try await stores.records.create(full, lease: .ours) }
        }
    }

    @Test(arguments: Backend.available)
    func `a change puts channels and notes in their place, and dispatches behind the known ones`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let record = record()
            try await store([record], stores)
            var change = NotificationRecord.Change()
            change.channels = [.email]
            change.dispatchIDs = ["disp_2", "disp_3"]
            let now = later(60)
            #expect(try await stores.records.update(record.id, change, scope: .orgs(["org_b"]), now: now) == .noSuchRecord)
            var expected = record
            expected.channels = [.email]
            expected.dispatchIDs = ["disp_1", "disp_2", "disp_3"]
            expected.updatedAt = now
            #expect(try await stores.records.update(record.id, change, scope: .orgA, now: now) == .changed(expected))
            #expect(try await stores.records.update(record.id, change, scope: .orgA, now: now) == .changed(expected), "the same again")
            #expect(try await stores.records.get(record.id, scope: .all) == expected)
            change = NotificationRecord.Change()
            change.notes = "called"
            change.dispatchIDs = (0..<NotificationRecord.dispatchLimit).map { "disp_more\($0)" }
            #expect(try await stores.records.update(record.id, change, scope: .orgA, now: now) == .tooManyDispatches)
            #expect(try await stores.records.get(record.id, scope: .all) == expected)
        }
    }

    @Test(arguments: Backend.available)
    func `a deleted record is gone, and a page that ended with it goes on`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let records = (0..<4).map { record(at: later($0)) }
            try await store(records, stores)
            let first = try await stores.records.list(NotificationRecordFilter(), page: Page(limit: 2), scope: .all)
            #expect(first.elements.map(\.id) == [records[3].id, records[2].id])
            #expect(try await stores.records.delete(records[2].id, scope: .orgs(["org_b"])) == false)
            #expect(try await stores.records.delete(records[2].id, scope: .orgA))
            #expect(try await stores.records.delete(records[2].id, scope: .orgA) == false)
            #expect(try await stores.records.get(records[2].id, scope: .all) == nil)
            let next = try await stores.records.list(NotificationRecordFilter(), page: Page(limit: 2, after: records[2].idText), scope: .all)
            #expect(next.elements.map(\.id) == [records[1].id, records[0].id])
            #expect(next.total == 3)
        }
    }

    @Test(arguments: Backend.available)
    func `each filter lets through what it names, alone and with others`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let a = record("pm_1", coordinator: "coord_1", event: "pause_activated", at: later(0))
            let b = record("pm_1", coordinator: "coord_2", event: "pause_deactivated", at: later(10))
            let c = record("pm_2", coordinator: "coord_1", event: "pause_activated", org: "org_b", at: later(20))
            let d = record("pm_2", coordinator: "coord_2", event: "pause_activated", org: "org_c", at: later(30))
            try await store([a, b, c, d], stores)
            func ids(_ scope: OrgScope = .all, _ change: (inout NotificationRecordFilter) -> Void) async throws -> [Identifier] {
                var filter = NotificationRecordFilter()
                change(&filter)
                let listing = try await stores.records.list(filter, page: Page(), scope: scope)
                #expect(listing.total == listing.elements.count && !listing.hasMore)
                return listing.elements.map(\.id)
            }
            #expect(try await ids { _ in } == [d.id, c.id, b.id, a.id])
            #expect(try await ids { $0.mentorID = "pm_1" } == [b.id, a.id])
            #expect(try await ids { $0.coordinatorID = "coord_1" } == [c.id, a.id])
            #expect(try await ids { $0.eventType = "pause_activated" } == [d.id, c.id, a.id])
            #expect(try await ids { ($0.mentorID, $0.coordinatorID, $0.eventType) = ("pm_2", "coord_2", "pause_activated") } == [d.id])
            #expect(try await ids { ($0.coordinatorID, $0.eventType) = ("coord_2", "pause_deactivated") } == [b.id])
            #expect(try await ids { $0.mentorID = "pm_3" } == [])
            #expect(try await ids { $0.from = later(10) } == [d.id, c.id, b.id])
            #expect(try await ids { $0.to = later(20) } == [b.id, a.id])
            #expect(try await ids { ($0.from, $0.to, $0.eventType) = (later(10), later(30), "pause_activated") } == [c.id])
            #expect(try await ids { ($0.from, $0.to) = (later(30), later(10)) } == [])
            #expect(try await ids(.orgA) { _ in } == [b.id, a.id])
            #expect(try await ids(.orgs(["org_a", "org_c"])) { _ in } == [d.id, b.id, a.id])
            #expect(try await ids(.orgs(["org_a", "org_c"])) { $0.eventType = "pause_activated" } == [d.id, a.id])
            #expect(try await ids(.orgs(["org_b"])) { $0.mentorID = "pm_1" } == [])
            #expect(try await ids(.orgs([])) { _ in } == [])
            let many = OrgScope.orgs(Set((0..<40).map { "org_\($0)" } + ["org_b"]))
            #expect(try await ids(many) { _ in } == [c.id])
        }
    }

    @Test(arguments: Backend.available)
    func `pages neither overlap nor leave out, by number and by cursor, over one org or several`(backend: Backend) async throws {
        try await backend.withStores { stores in
            // Microseconds apart: the same moment for the eye, and in order all the same.
            let records = (0..<25).map { record(org: $0 % 4 == 3 ? "org_b" : "org_a", at: .start + .microseconds($0)) }
            try await store(records, stores)
            for scope in [OrgScope.all, .orgs(["org_a", "org_b"]), .orgA] {
                let expected = records.filter { scope.contains($0.orgID) }.reversed().map(\.id)
                var numbered: [Identifier] = []
                var walked: [Identifier] = []
                var cursor: String?
                for number in 1...5 {
                    let page = try await stores.records.list(NotificationRecordFilter(), page: Page(number: number, limit: 7), scope: scope)
                    #expect(page.total == expected.count)
                    numbered += page.elements.map(\.id)
                }
                repeat {
                    let page = try await stores.records.list(NotificationRecordFilter(), page: Page(limit: 4, after: cursor), scope: scope)
                    walked += page.elements.map(\.id)
                    cursor = page.hasMore ? page.elements.last?.idText : nil
                } while cursor != nil
                #expect(numbered == expected)
                #expect(walked == expected)
            }
            let unknown = try await stores.records.list(NotificationRecordFilter(), page: Page(after: "notif_unknown"), scope: .all)
            #expect(unknown.elements.isEmpty && unknown.total == 25)
        }
    }

    @Test(arguments: Backend.available)
    func `a history is one mentor's, newest first, piece by piece`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let own = (0..<5).map { record(at: later($0)) }
            try await store(own + [record("pm_2"), record(org: "org_b", at: later(9))], stores)
            let first = try await stores.records.history(of: "pm_1", before: nil, limit: 3, scope: .orgA)
            #expect(first == [own[4], own[3], own[2]])
            let second = try await stores.records.history(of: "pm_1", before: own[2].id, limit: 3, scope: .orgA)
            #expect(second == [own[1], own[0]])
            #expect(try await stores.records.history(of: "pm_3", before: nil, limit: 3, scope: .all) == [])
        }
    }

    @Test(arguments: Backend.available)
    func `a record and the mark of its idempotency key stand or fall together`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let key = IdempotencyKey(caller: "c", operation: "POST /x", key: "k")
            _ = try await stores.idempotency.claim(key, bodyHash: "h", now: .start, lease: .theirs)
            let record = record()
            let mark = IdempotencyMark(key: key, reference: record.idText)
            await #expect(throws: StorageError.self) { try await stores.records.create(record, lease: .ours, idempotency: mark) }
            #expect(try await stores.records.get(record.id, scope: .all) == nil)
            try await stores.records.create(record, lease: .theirs, idempotency: mark)
            // The other gateway is gone, and a repeat finds what it made.
            #expect(
                try await stores.idempotency.claim(key, bodyHash: "h", now: .start, lease: .ours) == .resume(reference: record.idText))
        }
    }
}
