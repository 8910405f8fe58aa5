import Domain
import Settings
import Testing

@testable import Vault

/// `previous` in an org file, and what stays when files, secrets or the folder go.
@Suite struct FileRotationTests {
    private let lane = LaneKey(orgID: "o", provider: .expo, credential: "main")

    private func file(_ entry: String) -> String { "org: o\ncredentials:\n  - \(entry)\n" }

    private func versions(_ orgs: OrgFiles) -> CredentialBook.Versions? { orgs.withIndex { $0.versions(of: lane, now: nil) } }

    private let rotating = "{ provider: expo, access_token: \"file:new\", apps: [\"@a/b\"], previous: { access_token: \"file:old\" } }"

    @Test func `previous holds the older version while a rotation by file lasts`() async throws {
        try await withOrgFolder(["o.yaml": file(rotating), "new": "new", "old": "old"]) { folder in
            let orgs = folder.read()
            #expect(orgs.faults == [])
            let both = try #require(versions(orgs))
            #expect(both.current.token == "new" && both.previous?.token == "old")
            #expect(both.currentVersion != both.previousVersion && both.previous?.apps == ["@a/b"])
            #expect(orgs.secretFiles == ["\(folder.path)/new", "\(folder.path)/old"])
            // A swapped secret of the older version counts too.
            try folder.write("old", "older")
            #expect(orgs.reload() == [lane])
            #expect(versions(orgs)?.previous?.token == "older")
            try folder.write("o.yaml", file("{ provider: expo, access_token: \"file:new\", apps: [\"@a/b\"] }"))
            #expect(orgs.reload() == [lane])
            #expect(try #require(versions(orgs)).previous == nil)
            #expect(orgs.reload() == [])
        }
    }

    @Test(arguments: [
        ("{ access_token: hunter2 }", "credentials[0].previous.access_token: must be a reference"),
        ("{ access_token: \"env:GONE\" }", "credentials[0].previous.access_token: names the environment variable GONE"),
        ("{ acess_token: \"file:old\" }", "credentials[0].previous.acess_token: is no known key; did you mean access_token?"),
        ("{ name: x, access_token: \"file:old\" }", "credentials[0].previous.name: is no known key"),
        ("[1]", "credentials[0].previous: must be a mapping"),
    ])
    func `a fault in previous is told with its line and leaves the current version in use`(previous: String, expected: String) async throws {
        let entry = "{ provider: expo, access_token: \"file:new\", previous: \(previous) }"
        try await withOrgFolder(["o.yaml": file(entry), "new": "new", "old": "old"]) { folder in
            let orgs = folder.read()
            #expect(orgs.faults.contains { $0.description.hasPrefix("o.yaml:3: \(expected)") }, "\(orgs.faults)")
            #expect(versions(orgs) == .init(current: .expo("new", org: "o")))
            #expect(!orgs.faults.contains { "\($0)".contains("hunter2") })
            // What was good before stays, as everywhere in these files.
            try folder.write("o.yaml", file("{ provider: expo, access_token: \"file:new\", previous: { access_token: \"file:old\" } }"))
            orgs.reload()
            try folder.write("o.yaml", file(entry))
            #expect(orgs.reload() == [])
            #expect(versions(orgs)?.previous?.token == "old")
        }
    }

    @Test func `a broken file, a swapped secret that is none and a lost one keep both versions`() async throws {
        try await withOrgFolder(["o.yaml": file(rotating), "new": "new", "old": "old"]) { folder in
            let orgs = folder.read()
            let good = versions(orgs)
            for (name, text) in [("o.yaml", "org: o\ncredentials:\n  - {"), ("new", ""), ("old", "")] {
                try folder.write(name, text)
                #expect(orgs.reload() == [])
                #expect(versions(orgs) == good && !orgs.faults.isEmpty, "\(name)")
                try folder.write(name, name == "o.yaml" ? file(rotating) : name)
                #expect(orgs.reload() == [] && orgs.faults == [])
            }
            for name in ["new", "old"] {
                try folder.remove(name)
                orgs.reload()
                #expect(versions(orgs) == good && orgs.faults.count == 1, "\(name)")
                try folder.write(name, name)
                orgs.reload()
            }
        }
    }

    @Test func `a folder that has gone keeps all that it declared, and says so; a file that has gone does not`() async throws {
        try await withOrgFolder(["o.yaml": file("{ provider: expo }"), "p.yaml": "org: p\n"]) { folder in
            let orgs = folder.read()
            try folder.remove("")
            #expect(orgs.reload() == [])
            #expect(versions(orgs) != nil && orgs.organisations.map(\.id) == ["o", "org_default", "p"])
            #expect(
                orgs.faults.map(\.description) == [
                    "\(folder.path): can't be read any more; the orgs and credentials that it declared stay in use: put it back"
                ])
            #expect(orgs.reload() == [] && orgs.faults.count == 1)
            try folder.make()
            try folder.write("p.yaml", "org: p\n")
            #expect(orgs.reload() == [lane])
            #expect(versions(orgs) == nil && orgs.faults == [])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a folder that is made again is watched again`() async throws {
        try await withOrgFolder(["o.yaml": file("{ provider: expo }")]) { folder in
            let orgs = folder.read()
            let (news, teller) = AsyncStream.makeStream(of: Set<LaneKey>.self)
            let watch = Task { try await orgs.watch { teller.yield($0) } }
            defer { watch.cancel() }
            var heard = news.makeAsyncIterator()
            try folder.write("o.yaml", file("{ provider: expo, access_token: \"file:t\" }"))
            try folder.write("t", "one")
            // A look may fall between two files; what it finds then is news too.
            while versions(orgs)?.current.token != "one" { #expect(await heard.next() == [lane]) }
            try folder.remove("")
            try folder.make()
            try folder.write("o.yaml", file("{ provider: expo, access_token: \"file:t\" }"))
            try folder.write("t", "two")
            while versions(orgs)?.current.token != "two" { #expect(await heard.next() == [lane]) }
        }
    }

    @Test func `of a thousand lanes the one that was asked for is found by name and by app`() {
        var index = LaneIndex()
        func lane(_ name: String, _ org: String = "o") -> LaneKey { LaneKey(orgID: org, provider: .fcm, credential: name) }
        index.add(lane("faulty"), apps: nil)
        for number in 0..<1_000 { index.add(lane("n\(number)"), apps: ["app\(number % 500)"]) }
        #expect(index.first(of: "o", .fcm) == lane("faulty") && index.first(of: "o", .expo) == nil && index.first(of: "p", .fcm) == nil)
        #expect(index.lane(of: "o", .fcm, name: "n999") == lane("n999") && index.lane(of: "o", .fcm, name: "n1000") == nil)
        #expect(index.lane(of: "o", .fcm, app: "app7") == lane("n7") && index.lane(of: "o", .fcm, app: "other") == nil)
        // A faulty one may be for any app; one that names none is better.
        #expect(index.general(of: "o", .fcm) == lane("faulty"))
        index.add(lane("any"), apps: [])
        index.add(lane("any too"), apps: [])
        #expect(index.general(of: "o", .fcm) == lane("any"))
    }
}
