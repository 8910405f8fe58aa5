import Domain
import HTTPTypes
import Hummingbird
import Storage
import Synchronization
import Testing

@testable import API

struct PreferenceTests {
    @Test(
        arguments: [
            ([], Duration.seconds(10), nil),
            (["wait=3"], .seconds(3), "wait=3"),
            (["wait=0"], .zero, "wait=0"),
            (["respond-async"], .zero, "respond-async"),
            (["respond-async, wait=2"], .seconds(2), "respond-async, wait=2"),
            (["wait=2", "respond-async"], .seconds(2), "respond-async, wait=2"),
            (["Wait = \"4\"; foo=bar"], .seconds(4), "wait=4"),
            (["wait=3, wait=5"], .seconds(3), "wait=3"),
            // Longer than the gateway waits: not honoured, so not said to be applied.
            (["wait=60"], .seconds(10), nil),
            (["wait=99999999999999999999"], .seconds(10), nil),
            (["wait=-1"], .seconds(10), nil),
            (["wait=soon"], .seconds(10), nil),
            (["return=minimal"], .seconds(10), nil),
        ] as [([String], Duration, String?)])
    func `preferences are understood or ignored`(values: [String], wait: Duration, applied: String?) {
        var fields = HTTPFields()
        fields[values: .prefer] = values
        let preference = Preference(fields, limit: .seconds(10))
        #expect(preference.wait == wait)
        #expect(preference.applied == applied)
    }
}

struct WarningTests {
    private func warning(_ names: [String]) -> String? {
        var answer = Answer(["ok": true])
        answer.warn(ofUnknown: names)
        return answer.headers[.warning]
    }

    @Test func `ignored members are named`() {
        #expect(warning([]) == nil)
        #expect(warning(["/foo", "?bar"]) == #"299 - "unknown and ignored: /foo, ?bar""#)
    }

    @Test func `what a caller sends can neither end the header nor start another`() {
        let text = warning(["/a\r\nSet-Cookie: x=1", "/\"quoted\\\"", "/ünï"])
        #expect(text == #"299 - "unknown and ignored: /a??Set-Cookie: x=1, /\"quoted\\\", /??n??""#)
    }

    @Test func `however much is unknown, the header stays short`() throws {
        let text = try #require(warning((0..<5_000).map { "/" + String(repeating: "x", count: 300) + "\($0)" }))
        #expect(text.utf8.count < 1_100)
        #expect(text.contains("and 4990 more"))
    }
}

struct RouteTableTests {
    private let table: RouteTable = {
        let table = RouteTable()
        table.add("/a/:id", .get)
        table.add("/a/:id", .put)
        table.add("/a/batch", .post)
        return table
    }()

    @Test func `a path knows its methods, and a fixed word wins over a parameter`() {
        #expect(table.methods(of: "/a/x") == [.get, .head, .put])
        #expect(table.methods(of: "/a/batch") == [.post])
        #expect(table.methods(of: "/a").isEmpty)
        #expect(table.methods(of: "/a/x/y").isEmpty)
    }
}

struct ProblemTests {
    @Test(
        arguments: [
            (StorageError.overloaded, 503, "1"), (.locked("file /srv/x is locked"), 503, "2"), (.unavailable("no route"), 503, "5"),
            (.diskFull("no space on /srv"), 503, "30"), (.statement("near SELECT: syntax error"), 500, nil),
        ] as [(StorageError, Int, String?)])
    func `storage errors tell callers when to come back, and nothing of the inside`(error: StorageError, status: Int, retryAfter: String?) {
        let problem = Problem(error)
        #expect(problem.status.code == status)
        #expect(problem.headers[.retryAfter] == retryAfter)
        let text = String(decoding: problem.answer(instance: "/x").body, as: UTF8.self)
        for secret in ["/srv", "SELECT", "route"] { #expect(!text.contains(secret)) }
    }

    @Test func `an unforeseen error is a 500 that says nothing`() {
        struct Odd: Error { let secret = "hunter2" }
        let problem = Problem(Odd())
        #expect(problem.status.code == 500)
        #expect(!String(decoding: problem.answer(instance: "/x").body, as: UTF8.self).contains("hunter2"))
    }
}

struct AccessTests {
    private func caller(_ standing: Caller.Standing, contract: Contract? = nil) -> Caller {
        Caller(id: "c", orgID: "o", scope: .orgs(["o"]), standing: standing, contract: contract)
    }

    @Test func `an open gateway asks nobody for a role, but where one is always needed`() throws {
        try Access.role(.orgAdmin).demand(of: caller(.open))
        let problem = #expect(throws: Problem.self) { try Access.always(.orgAdmin).demand(of: caller(.open)) }
        #expect(problem?.status.code == 401)
    }

    @Test func `a key that is bound to a contract opens nothing else`() throws {
        var access = Access.anyone
        access.contracts = [.pushService]
        try access.demand(of: caller(.roles([]), contract: .pushService))
        for access in [access, .role(.orgAdmin)] {
            let problem = #expect(throws: Problem.self) { try access.demand(of: caller(.roles([.orgAdmin]), contract: .pushDispatcher)) }
            #expect(problem?.status.code == 403)
        }
    }

    @Test func `a caller with roles needs one of those asked for`() throws {
        try Access.role(.coordinator, .orgAdmin).demand(of: caller(.roles([.coordinator])))
        try Access.anyone.demand(of: caller(.roles([])))
        let problem = #expect(throws: Problem.self) { try Access.role(.orgAdmin, .globalAdmin).demand(of: caller(.roles([.coordinator]))) }
        #expect(problem?.status.code == 403)
        #expect(problem?.detail == "This needs the role org_admin or global_admin.")
    }

    @Test func `an org sees itself and all below, even where the tree is a ring`() {
        let organisations = [
            Organisation(id: "root", name: ""), Organisation(id: "a", parentID: "root", name: ""), Organisation(id: "b", parentID: "a", name: ""),
            Organisation(id: "x", parentID: "y", name: ""), Organisation(id: "y", parentID: "x", name: ""),
        ]
        let tree = OrgTree(organisations)
        #expect(tree.family(of: "root") == ["root", "a", "b"])
        #expect(tree.family(of: "b") == ["b"])
        #expect(tree.family(of: "x") == ["x", "y"])
        #expect(tree.family(of: "unknown") == ["unknown"])
    }

    @Test func `a change of the tree is noticed within a second, and a clock set back does not hide it`() {
        let directory = ChangingDirectory()
        let scopes = OrgScopes(directory)
        let start = Timestamp(seconds: 1_000)
        #expect(scopes.scope(of: "root", now: start) == .orgs(["root"]))
        directory.add(Organisation(id: "a", parentID: "root", name: ""))
        #expect(scopes.scope(of: "root", now: start + .milliseconds(999)) == .orgs(["root"]))
        #expect(scopes.scope(of: "root", now: start + .seconds(1)) == .orgs(["root", "a"]))
        directory.add(Organisation(id: "b", parentID: "root", name: ""))
        #expect(scopes.scope(of: "root", now: start) == .orgs(["root", "a", "b"]))
    }
}

private final class ChangingDirectory: CredentialDirectory {
    private let list = Mutex<[Organisation]>([])

    var organisations: [Organisation] { list.withLock { $0 } }

    func add(_ organisation: Organisation) { list.withLock { $0.append(organisation) } }

    func lane(orgID: String, provider: ProviderName, name: String?, app: String?) -> LaneKey? { nil }
}
