import Domain
import HTTPTypes
import Logging
import Testing

@testable import API

/// Every endpoint of the contracts, called by everybody, for rows of every org: who gets in, and what they reach.
struct IsolationTests {
    enum Expectation: Sendable {
        case unauthorized
        case forbidden
        /// As if the row, the recipient or the org were not there.
        case hidden
        case done

        /// The rule, for every endpoint.
        init(roles: [Role], _ caller: TestCaller, _ place: Neighbourhood) {
            if caller.credential == nil {
                self = .unauthorized
            } else if !roles.isEmpty, caller.roles.isDisjoint(with: roles) {
                self = .forbidden
            } else {
                self = caller.sees(place) ? .done : .hidden
            }
        }
    }

    static func withStage(_ body: @Sendable (IsolationStage) async throws -> Void) async throws {
        let verifier = try await TokenVerifier(.init(secret: TokenForge.shared.secret), time: SystemTime(), logger: Logger(label: "test"))
        // Nothing is sent while the calls are made: what they do, and nothing else, changes the rows.
        try await withWorld(syncWait: .zero, isOpen: false, credentials: .tree, isServing: false, tokens: verifier) { world in
            try await body(try await IsolationStage(world))
        }
    }

    @Test(arguments: ContractEndpoint.all)
    func `an endpoint lets in by role, and shows and touches the caller's own org and those below`(endpoint: ContractEndpoint) async throws {
        try await Self.withStage { stage in
            for place in Neighbourhood.allCases {
                var row = try await stage.row(for: endpoint, in: place)
                for caller in TestCaller.all {
                    let expectation = Expectation(roles: endpoint.roles, caller, place)
                    let before = try await stage.trace(of: place)
                    let reply = try await stage.call(endpoint, place, row: row, as: try await caller.fields(stage.world))
                    let isUntouched = try await stage.trace(of: place) == before
                    let what = Comment("\(endpoint.testDescription) by \(caller) for \(place): \(reply.status) \(reply.json.text)")
                    switch expectation {
                    case .unauthorized: #expect(reply.status == 401 && isUntouched, what)
                    case .forbidden: #expect(reply.status == 403 && isUntouched, what)
                    case .hidden:
                        #expect(Self.isHidden(endpoint, reply, row), what)
                        #expect(isUntouched, what)
                    case .done:
                        #expect((200..<300).contains(reply.status) && Self.isShown(endpoint, reply, row), what)
                        #expect(isUntouched == (endpoint.method == .get), what)
                        if endpoint.method != .get { row = try await stage.row(for: endpoint, in: place) }
                    }
                }
            }
        }
    }

    private static func isHidden(_ endpoint: ContractEndpoint, _ reply: Reply, _ row: String) -> Bool {
        if endpoint.hasRow || endpoint.method != .get && !endpoint.isBatch { return reply.status == 404 && !reply.json.text.contains("org_") }
        return reply.status == 200 && !isListed(row, reply)
    }

    private static func isShown(_ endpoint: ContractEndpoint, _ reply: Reply, _ row: String) -> Bool {
        endpoint.method != .get || endpoint.hasRow || isListed(row, reply)
    }

    /// Lists differ in shape and name; ids and tokens are like nothing else in them.
    private static func isListed(_ row: String, _ reply: Reply) -> Bool { reply.json.text.contains("\"\(row)\"") }

    @Test func `an open gateway lets nobody in where a role is always needed, and everybody else into the default org`() async throws {
        try await withWorld(syncWait: .zero, credentials: .tree, isServing: false) { world in
            let stage = try await IsolationStage(world)
            for endpoint in ContractEndpoint.all {
                for place in Neighbourhood.allCases {
                    let row = try await stage.row(for: endpoint, in: place)
                    let reply = try await stage.call(endpoint, place, row: row, as: [:])
                    let what = Comment("\(endpoint.testDescription) for \(place): \(reply.status) \(reply.json.text)")
                    if !endpoint.roles.isEmpty {
                        #expect(reply.status == 401, what)
                    } else if place.isBelow {
                        #expect((200..<300).contains(reply.status) && Self.isShown(endpoint, reply, row), what)
                    } else {
                        #expect(Self.isHidden(endpoint, reply, row), what)
                    }
                }
            }
        }
    }

    @Test func `the routes ask for the contracts' roles to the letter`() async throws {
        try await withWorld { world in
            let routes = world.routes
            for endpoint in ContractEndpoint.all {
                let route = try #require(routes.first { $0.method == endpoint.method && $0.path == endpoint.path }, "\(endpoint)")
                #expect(Set(route.access?.roles ?? []) == Set(endpoint.roles), "\(endpoint)")
                #expect(route.access?.contracts.contains(endpoint.contract) == true, "\(endpoint)")
                #expect(route.access?.isOpenToAnyone == endpoint.roles.isEmpty, "\(endpoint)")
            }
        }
    }
}
