import Domain
import Settings
import Testing

@testable import Vault

@Suite struct OrgFilesTests {
    private func file(_ org: String, parent: String? = nil, _ credentials: String...) -> String {
        "org: \(org)\nparent: \(parent ?? "null")\ncredentials:\n" + credentials.map { "  - \($0)\n" }.joined()
    }

    @Test func `an org without a credential uses its nearest ancestor's`() async throws {
        try await withOrgFolder([
            "a.yaml": file("a", "{ provider: expo }", "{ provider: smtp, url: \"smtp://a\", from: a@a }"),
            "b.yaml": file("b", parent: "a", "{ provider: expo, name: first }", "{ provider: expo, name: second }"),
            "c.yaml": "org: c\nparent: b\n",
        ]) { folder in
            let orgs = folder.read()
            #expect(orgs.faults == [])
            #expect(orgs.lane(orgID: "c", provider: .expo, name: nil)?.description == "b/expo/first")
            #expect(orgs.lane(orgID: "c", provider: .expo, name: "second")?.description == "b/expo/second")
            #expect(orgs.lane(orgID: "c", provider: .expo, name: "main")?.description == "a/expo/main")
            #expect(orgs.lane(orgID: "c", provider: .smtp, name: nil)?.description == "a/smtp/main")
            #expect(orgs.lane(orgID: "c", provider: .apns, name: nil) == nil)
            #expect(orgs.lane(orgID: "stranger", provider: .expo, name: nil) == nil)
        }
    }

    @Test func `a faulty credential does not make its org slip to an ancestor's`() async throws {
        try await withOrgFolder([
            "a.yaml": file("a", "{ provider: expo }"), "b.yaml": file("b", parent: "a", "{ provider: expo, access_token: \"env:GONE\" }"),
        ]) { folder in
            let orgs = folder.read()
            let lane = try #require(orgs.lane(orgID: "b", provider: .expo, name: nil))
            #expect(lane.orgID == "b")
            #expect(orgs.credential(for: lane) == nil)
            #expect(try #require(orgs.fault(of: lane)).description.contains("GONE"))
        }
    }

    @Test func `the default org exists without a file, and a missing folder is an empty one`() async throws {
        try await withOrgFolder { folder in
            try folder.remove("")
            let orgs = folder.read()
            #expect(orgs.organisations == [Organisation(id: "org_default", name: "org_default")])
            #expect(orgs.faults == [])
        }
    }

    @Test func `an org stands in one file`() async throws {
        try await withOrgFolder(["a.yaml": file("o", "{ provider: expo }"), "b.yaml": file("o", "{ provider: expo, name: other }")]) { folder in
            let orgs = folder.read()
            #expect(orgs.faults.map(\.description) == ["b.yaml: org: says o, which a.yaml declares already; put its credentials into one file"])
            #expect(orgs.lanes.map(\.description) == ["o/expo/main"])
        }
    }

    @Test func `a circle of parents is cut and told`() async throws {
        try await withOrgFolder(["a.yaml": file("a", parent: "b"), "b.yaml": file("b", parent: "a", "{ provider: expo }")]) { folder in
            let orgs = folder.read()
            #expect(orgs.faults.count == 1)
            #expect(orgs.lane(orgID: "b", provider: .smtp, name: nil) == nil)
            #expect(orgs.lane(orgID: "b", provider: .expo, name: nil)?.description == "b/expo/main")
        }
    }

    @Test func `the directory's organisations are of the same tree: it says name and parent, files add credentials`() async throws {
        try await withOrgFolder([
            "a.yaml": file("a", "{ provider: expo }"), "b.yaml": file("b", parent: "a", "{ provider: expo }"), "c.yaml": file("c", parent: "x"),
        ]) { folder in
            let orgs = folder.read()
            orgs.adopt([
                Organisation(id: "b", name: "Bee"), Organisation(id: "x", parentID: "a", name: "X"), Organisation(id: "y", parentID: "c", name: "Y"),
            ])
            #expect(orgs.faults == [])
            #expect(orgs.organisations.first { $0.id == "b" } == Organisation(id: "b", name: "Bee"))
            // By the directory, by a file, by the directory again, by a file.
            #expect(orgs.lane(orgID: "y", provider: .expo, name: nil)?.orgID == "a")
            #expect(orgs.declared.map(\.id) == ["a", "b", "c", "org_default"])
            // A change of the files leaves the directory's word standing, and its next word replaces the one before.
            try folder.write("c.yaml", file("c", parent: "b"))
            orgs.reload()
            #expect(orgs.lane(orgID: "y", provider: .expo, name: nil)?.orgID == "b")
            orgs.adopt([])
            #expect(orgs.lane(orgID: "y", provider: .expo, name: nil) == nil)
            #expect(orgs.organisations.map(\.id) == ["a", "b", "c", "org_default"])
        }
    }

    @Test func `a circle over files and the directory is cut at a file, and told until it is mended`() async throws {
        try await withOrgFolder(["a.yaml": file("a", parent: "z", "{ provider: expo }")]) { folder in
            let orgs = folder.read()
            orgs.adopt([Organisation(id: "z", parentID: "a", name: "Z")])
            #expect(
                orgs.faults.map(\.description) == [
                    "a.yaml: parent: makes a its own ancestor; give another parent to one org of the circle, here or in the directory, which has z"
                ])
            #expect(orgs.lane(orgID: "z", provider: .expo, name: nil)?.orgID == "a")
            orgs.adopt([Organisation(id: "z", name: "Z")])
            #expect(orgs.faults == [])
            #expect(orgs.organisations.first { $0.id == "a" }?.parentID == "z")
        }
    }

    @Test func `a file that breaks keeps its last good state until it is mended`() async throws {
        try await withOrgFolder(["o.yaml": file("o", "{ provider: expo }")]) { folder in
            let orgs = folder.read()
            let lane = LaneKey(orgID: "o", provider: .expo, credential: "main")
            try folder.write("o.yaml", "org: [\n")
            #expect(orgs.reload() == [])
            #expect(orgs.credential(for: lane) != nil)
            #expect(orgs.faults.count == 1)
            try folder.write("o.yaml", file("o", "{ provider: expo, access_token: nonsense }"))
            #expect(orgs.reload() == [])
            #expect(orgs.credential(for: lane) != nil)
            try folder.write("o.yaml", file("o", "{ provider: expo, name: other }"))
            #expect(orgs.reload().map(\.description).sorted() == ["o/expo/main", "o/expo/other"])
            #expect(orgs.faults == [])
            #expect(orgs.credential(for: lane) == nil)
            try folder.remove("o.yaml")
            #expect(orgs.reload().map(\.description) == ["o/expo/other"])
            #expect(orgs.lanes == [])
        }
    }

    @Test func `the variables that references name are known`() async throws {
        try await withOrgFolder(["o.yaml": file("o", "{ provider: expo, access_token: \"env:HERMOD_TOKEN\" }")]) { folder in
            #expect(folder.read().variables == ["HERMOD_TOKEN"])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a change of an org file or of a secret that it refers to is noticed`() async throws {
        let text = file("o", "{ provider: expo, access_token: \"file:token\" }")
        try await withOrgFolder(["o.yaml": text, "token": "one"]) { folder in
            let orgs = folder.read()
            let (changes, heard) = AsyncStream.makeStream(of: Set<LaneKey>.self)
            let watch = Task { try await orgs.watch { heard.yield($0) } }
            defer { watch.cancel() }
            var next = changes.makeAsyncIterator()
            let lane = LaneKey(orgID: "o", provider: .expo, credential: "main")

            try folder.write("token", "two")
            #expect(await next.next() == [lane])
            #expect(orgs.credential(for: lane)?.account == .expo(ExpoAccount(accessToken: Secret("two"))))

            try folder.write("p.yaml", file("p", "{ provider: expo }"))
            #expect(await next.next() == [LaneKey(orgID: "p", provider: .expo, credential: "main")])

            try folder.remove("o.yaml")
            #expect(await next.next() == [lane])
            #expect(orgs.credential(for: lane) == nil)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `watching ends with its task`() async throws {
        try await withOrgFolder { folder in
            let orgs = folder.read()
            let watch = Task { try await orgs.watch { _ in } }
            watch.cancel()
            await #expect(throws: CancellationError.self) { try await watch.value }
        }
    }
}
