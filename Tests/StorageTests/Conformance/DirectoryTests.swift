import Domain
import Storage
import Testing

@Suite("The directory")
struct DirectoryTests {
    private static let orgs: [DirectoryEntry] = [
        .organisation(Organisation(id: "org_a", name: "A")), .organisation(Organisation(id: "org_a1", parentID: "org_a", name: "A1")),
        .organisation(Organisation(id: "org_b", name: "B")),
    ]
    private static let familyA = OrgScope.orgs(["org_a", "org_a1"])

    private func user(_ id: String, org: String = "org_a", name: String? = nil) -> DirectoryEntry {
        .user(User(id: id, orgID: org, fullName: name, email: "\(id)@example.org", emailVerified: true, phone: "+47 1", locale: "nb", chapterID: "c"))
    }

    private func certification(_ id: String, of user: String, in days: Int64) -> DirectoryEntry {
        .certification(Certification(id: id, userID: user, name: "First aid", expiresAt: .start + .seconds(days * 86_400)))
    }

    private func withDirectory(_ backend: Backend, _ body: (DirectoryStore) async throws -> Void) async throws {
        try await backend.withStores { stores in
            _ = try await stores.directory.put(Self.orgs, scope: .all)
            try await body(stores.directory)
        }
    }

    @Test(arguments: Backend.available)
    func `what is put is read back, whole, and put again is changed`(backend: Backend) async throws {
        try await withDirectory(backend) { directory in
            let mentor = Mentor(
                id: "pm_1", orgID: "org_a1", fullName: "Kari", email: "k@example.org", phone: "+47 9", currentStatus: "paused",
                pauseStartDate: .start, coordinatorIDs: ["u2", "u1"])
            let entries = [user("u1"), certification("c1", of: "u1", in: 3), .mentor(mentor)]
            #expect(try await directory.put(entries, scope: .all) == [.created, .created, .created])
            #expect(try await directory.put(entries, scope: .all) == [.updated, .updated, .updated])
            let stored = try await directory.user("u1", scope: .all)
            guard case .user(let expected) = entries[0] else { return }
            #expect(stored == expected)
            #expect(
                try await directory.certification("c1", of: "u1", scope: .all)
                    == Certification(id: "c1", userID: "u1", name: "First aid", expiresAt: .start + .seconds(3 * 86_400)))
            #expect(try await directory.mentor("pm_1", scope: .all) == mentor)
            var bare = Mentor(id: "pm_1", orgID: "org_a")
            bare.coordinatorIDs = ["u1"]
            #expect(try await directory.put(.mentor(bare), scope: .all) == .updated)
            #expect(try await directory.mentor("pm_1", scope: .all) == bare)
            #expect(
                try await directory.put(.organisation(Organisation(id: "org_a1", parentID: "org_a", name: "New")), scope: .all) == .updated)
            #expect(try await directory.organisations().map(\.name) == ["A", "New", "B"])
            #expect(try await directory.organisation("org_a1", scope: .all)?.parentID == "org_a")
        }
    }

    @Test(arguments: Backend.available)
    func `many are found at once, whatever is unknown`(backend: Backend) async throws {
        try await withDirectory(backend) { directory in
            _ = try await directory.put([user("u1"), user("u2", org: "org_b"), .mentor(Mentor(id: "pm_1", orgID: "org_b"))], scope: .all)
            let ids = ["u1", "u2"] + (0..<700).map { "nobody_\($0)" } + ["u1"]
            #expect(try await directory.orgs(ofUsers: ids) == ["u1": "org_a", "u2": "org_b"])
            #expect(Set(try await directory.users(ids, scope: .all).keys) == ["u1", "u2"])
            #expect(Set(try await directory.users(ids, scope: Self.familyA).keys) == ["u1"])
            #expect(try await directory.users([], scope: .all).isEmpty)
            #expect(try await directory.orgs(ofUsers: []).isEmpty)
            #expect(try await directory.mentors(["pm_1", "pm_2"], scope: .all).map(\.key) == ["pm_1"])
            #expect(try await directory.mentors(["pm_1"], scope: Self.familyA).isEmpty)
        }
    }

    @Test(arguments: Backend.available)
    func `what is of another org is neither seen nor touched`(backend: Backend) async throws {
        try await withDirectory(backend) { directory in
            _ = try await directory.put(
                [user("u1"), user("theirs", org: "org_b"), certification("c1", of: "theirs", in: 3), .mentor(Mentor(id: "pm_b", orgID: "org_b"))],
                scope: .all)
            let outcomes = try await directory.put(
                [
                    user("theirs"), user("u1", org: "org_b"), user("u9", org: "org_nowhere"), certification("c1", of: "theirs", in: 9),
                    certification("c1", of: "nobody", in: 9), .mentor(Mentor(id: "pm_b", orgID: "org_a")),
                    .mentor(Mentor(id: "pm_a", orgID: "org_b")), .organisation(Organisation(id: "org_b", parentID: "org_a", name: "Ours")),
                    .organisation(Organisation(id: "org_new", parentID: "org_b", name: "N")), .organisation(Organisation(id: "org_new", name: "N")),
                    .organisation(Organisation(id: "org_a1", name: "Free")),
                ], scope: Self.familyA)
            #expect(
                outcomes == [
                    .refused(.hidden), .refused(.unknownOrg("org_b")), .refused(.unknownOrg("org_nowhere")), .refused(.unknownUser("theirs")),
                    .refused(.unknownUser("nobody")), .refused(.hidden), .refused(.unknownOrg("org_b")), .refused(.hidden),
                    .refused(.unknownParent("org_b")), .refused(.parentNeeded), .refused(.parentNeeded),
                ])
            #expect(try await directory.orgs(ofUsers: ["u1", "theirs", "u9"]) == ["u1": "org_a", "theirs": "org_b"])
            #expect(try await directory.user("theirs", scope: Self.familyA) == nil)
            #expect(try await directory.certification("c1", of: "theirs", scope: Self.familyA) == nil)
            #expect(try await directory.organisation("org_b", scope: Self.familyA) == nil)
            #expect(try await directory.deleteUser("theirs", scope: Self.familyA) == .absent)
            #expect(try await directory.deleteCertification("c1", of: "theirs", scope: Self.familyA) == .absent)
            #expect(try await directory.deleteMentor("pm_b", scope: Self.familyA) == .absent)
            #expect(try await directory.deleteOrganisation("org_b", scope: Self.familyA) == .absent)
            #expect(try await directory.users(page: Page(), scope: Self.familyA).elements.map(\.id) == ["u1"])
            #expect(try await directory.mentors(page: Page(), scope: Self.familyA).total == 0)
            #expect(try await directory.certifications(of: "theirs", page: Page(), scope: Self.familyA).total == 0)
            #expect(try await directory.certification("c1", of: "theirs", scope: .all)?.expiresAt == .start + .seconds(3 * 86_400))
        }
    }

    @Test(arguments: Backend.available)
    func `an organisation made in a batch can be filled by the same batch`(backend: Backend) async throws {
        try await withDirectory(backend) { directory in
            let entries = [
                user("early", org: "org_a2"), .organisation(Organisation(id: "org_a2", parentID: "org_a1", name: "A2")), user("u1", org: "org_a2"),
                certification("c1", of: "u1", in: 1), .organisation(Organisation(id: "org_a3", parentID: "org_a2", name: "A3")),
            ]
            let outcomes = try await directory.put(entries, scope: Self.familyA)
            #expect(outcomes == [.refused(.unknownOrg("org_a2")), .created, .created, .created, .created])
        }
    }

    @Test(arguments: Backend.available)
    func `an organisation that stands in a file can be filled, named and put below another`(backend: Backend) async throws {
        try await withDirectory(backend) { directory in
            let beside = [Organisation(id: "org_f", parentID: "org_a", name: "F"), Organisation(id: "org_g", parentID: "org_f", name: "G")]
            let scope = OrgScope.orgs(["org_a", "org_a1", "org_f", "org_g"])
            func put(_ entry: DirectoryEntry, _ scope: OrgScope) async throws -> DirectoryOutcome {
                try await directory.put(entry, beside: beside, scope: scope)
            }
            #expect(try await put(user("u1", org: "org_f"), scope) == .created)
            #expect(try await put(user("u2", org: "org_f"), Self.familyA) == .refused(.unknownOrg("org_f")))
            #expect(try await put(.organisation(Organisation(id: "org_g", parentID: "org_f", name: "Named")), scope) == .created)
            // org_g, org_f by its file, org_a: a circle over both.
            let circle = try await put(.organisation(Organisation(id: "org_a", parentID: "org_g", name: "A")), .all)
            #expect(circle == .refused(.circle(["org_a", "org_g", "org_f", "org_a"])))
        }
    }

    @Test(arguments: Backend.available)
    func `an org that lives without the directory can't be taken by putting it below one's own`(backend: Backend) async throws {
        try await backend.withStores { stores in
            _ = try await stores.directory.put(Self.orgs, scope: .all)
            try await stores.queue.insert([newNotification(org: "org_quiet")], lease: .ours)
            let taking = DirectoryEntry.organisation(Organisation(id: "org_quiet", parentID: "org_a", name: "Q"))
            #expect(try await stores.directory.put(taking, scope: Self.familyA) == .refused(.hidden))
            #expect(try await stores.directory.put(taking, scope: .all) == .created)
        }
    }

    @Test(arguments: Backend.available)
    func `a user's devices come along, from an org above to where the user is put, and from there on`(backend: Backend) async throws {
        try await backend.withStores { stores in
            _ = try await stores.directory.put(Self.orgs, scope: .all)
            for (token, user, org) in [
                ("t1", "u1", "org_a"), ("t2", "u1", "org_b"), ("t3", "u1", "org_a"), ("t3", "u9", "org_a1"), ("dead", "u1", "org_a"),
            ] { _ = try await stores.tokens.register(deviceToken(token, user: user, org: org)) }
            _ = try await stores.tokens.invalidate(token: "dead", scope: .orgA, reason: "logout", now: .start)
            func tokens(_ org: String) async throws -> [String] {
                try await stores.tokens.active(userIDs: ["u1"], orgID: org)["u1"]?.map(\.token).sorted() ?? []
            }
            _ = try await stores.directory.put(user("u1", org: "org_a1"), scope: .all)
            #expect(try await tokens("org_a1") == ["t1"])
            // Another user's by now in the org below, and of an org that has nothing to do with it.
            #expect(try await tokens("org_a") == ["t3"])
            #expect(try await tokens("org_b") == ["t2"])
            _ = try await stores.directory.put(user("u1", org: "org_a"), scope: .all)
            #expect(try await tokens("org_a") == ["t1", "t3"])
        }
    }

    @Test(arguments: Backend.available)
    func `a parent that would close a circle is refused, also where only the order makes it one`(backend: Backend) async throws {
        try await withDirectory(backend) { directory in
            func put(_ id: String, below parent: String?) -> DirectoryEntry { .organisation(Organisation(id: id, parentID: parent, name: id)) }
            let outcomes = try await directory.put(
                [
                    put("org_a", below: "org_a1"), put("org_b", below: "org_b"), put("org_c", below: "org_nowhere"), put("org_b", below: "org_a1"),
                    put("org_a", below: "org_b"), put("org_a1", below: nil), put("org_a", below: "org_b"),
                ], scope: .all)
            #expect(
                outcomes == [
                    .refused(.circle(["org_a", "org_a1", "org_a"])), .refused(.circle(["org_b", "org_b"])), .refused(.unknownParent("org_nowhere")),
                    .updated, .refused(.circle(["org_a", "org_b", "org_a1", "org_a"])), .updated, .updated,
                ])
        }
    }

    @Test(arguments: Backend.available)
    func `an organisation goes when nothing belongs to it any more; a user takes the certifications along`(backend: Backend) async throws {
        try await withDirectory(backend) { directory in
            _ = try await directory.put([user("u1"), certification("c1", of: "u1", in: 3), .mentor(Mentor(id: "pm", orgID: "org_a"))], scope: .all)
            #expect(try await directory.deleteOrganisation("org_a", scope: .all) == .inUse(organisations: 1, users: 1, mentors: 1))
            #expect(try await directory.deleteOrganisation("org_a1", scope: Self.familyA) == .removed)
            #expect(try await directory.deleteCertification("c2", of: "u1", scope: .all) == .absent)
            #expect(try await directory.deleteUser("u1", scope: Self.familyA) == .removed)
            #expect(try await directory.deleteUser("u1", scope: Self.familyA) == .absent)
            #expect(try await directory.put(user("u1"), scope: .all) == .created)
            #expect(try await directory.soonestCertification(of: "u1", notBefore: .start) == nil)
            #expect(try await directory.deleteUser("u1", scope: .all) == .removed)
            #expect(try await directory.deleteMentor("pm", scope: .all) == .removed)
            #expect(try await directory.deleteOrganisation("org_a", scope: .all) == .removed)
            #expect(try await directory.deleteOrganisation("org_a", scope: .all) == .absent)
        }
    }

    @Test(arguments: Backend.available)
    func `the soonest certification that has not expired is the one that counts`(backend: Backend) async throws {
        try await withDirectory(backend) { directory in
            let entries =
                [
                    user("u1"), certification("old", of: "u1", in: -1), certification("b", of: "u1", in: 10), certification("a", of: "u1", in: 10),
                    certification("late", of: "u1", in: 40), user("u2"), certification("gone", of: "u2", in: -5), user("u3"),
                    certification("later", of: "u3", in: 31), user("u4"), certification("edge", of: "u4", in: 30), user("u5", org: "org_a1"),
                    certification("now", of: "u5", in: 0), user("u6"),
                ]
            _ = try await directory.put(entries, scope: .all)
            #expect(try await directory.soonestCertification(of: "u1", notBefore: .start)?.id == "a")
            #expect(try await directory.soonestCertification(of: "u2", notBefore: .start) == nil)
            #expect(try await directory.soonestCertification(of: "u5", notBefore: .start)?.id == "now")
            let until = Timestamp.start + .seconds(30 * 86_400)
            func expiring(_ org: String, after: String?, limit: Int) async throws -> [String] {
                try await directory.expiring(in: org, after: after, from: .start, until: until, limit: limit).map {
                    "\($0.user.id) \($0.certification.id)"
                }
            }
            #expect(try await expiring("org_a", after: nil, limit: 10) == ["u1 a", "u4 edge"])
            #expect(try await expiring("org_a", after: nil, limit: 1) == ["u1 a"])
            #expect(try await expiring("org_a", after: "u1", limit: 10) == ["u4 edge"])
            #expect(try await expiring("org_a1", after: nil, limit: 10) == ["u5 now"])
            #expect(try await expiring("org_b", after: nil, limit: 10) == [])
        }
    }

    @Test(arguments: Backend.available)
    func `a list goes on behind its cursor, over the borders of orgs`(backend: Backend) async throws {
        try await withDirectory(backend) { directory in
            let users = [("a2", "org_a"), ("b:1", "org_a1"), ("a1", "org_b"), ("z", "org_a"), ("b2", "org_a1")].map { user($0.0, org: $0.1) }
            let mentors = [("m1", "org_b"), ("m2", "org_a")].map {
                DirectoryEntry.mentor(Mentor(id: $0.0, orgID: $0.1, coordinatorIDs: ["u_\($0.0)"]))
            }
            let certifications = (1...3).map { certification("c\($0)", of: "z", in: Int64($0)) }
            _ = try await directory.put(users + mentors + certifications, scope: .all)
            for (scope, expected) in [
                (OrgScope.all, ["a2", "z", "b2", "b:1", "a1"]), (Self.familyA, ["a2", "z", "b2", "b:1"]), (.orgs(["org_b"]), ["a1"]), (.orgs([]), []),
            ] {
                for limit in 1...5 {
                    var seen: [String] = []
                    var page = Page(limit: limit)
                    while true {
                        let listing = try await directory.users(page: page, scope: scope)
                        #expect(listing.total == expected.count)
                        seen += listing.elements.map(\.id)
                        guard listing.hasMore, let last = listing.elements.last else { break }
                        page.after = OrgKey(orgID: last.orgID, key: last.id).text
                    }
                    #expect(seen == expected)
                }
            }
            #expect(try await directory.users(page: Page(number: 2, limit: 2), scope: .all).elements.map(\.id) == ["b2", "b:1"])
            #expect(try await directory.users(page: Page(after: "nonsense"), scope: .all).elements.isEmpty)
            let listed = try await directory.mentors(page: Page(), scope: .all)
            #expect(listed.elements.map(\.coordinatorIDs) == [["u_m2"], ["u_m1"]])
            let first = try await directory.certifications(of: "z", page: Page(limit: 2), scope: .all)
            #expect(first.elements.map(\.id) == ["c1", "c2"])
            #expect(first.hasMore && first.total == 3)
            #expect(try await directory.certifications(of: "z", page: Page(limit: 2, after: "c2"), scope: .all).elements.map(\.id) == ["c3"])
        }
    }

    @Test func `a place in a list is one text, whatever the ids hold`() {
        for place in [OrgKey(orgID: "org_a", key: "u"), OrgKey(orgID: "3:a:", key: ":"), OrgKey(orgID: "ø", key: ""), OrgKey(orgID: "", key: "1:")] {
            #expect(OrgKey(text: place.text) == place)
        }
        for nonsense in ["", "u", ":u", "9:abc", "-1:abc", "1:øx", "x:y"] { #expect(OrgKey(text: nonsense) == nil) }
    }
}
