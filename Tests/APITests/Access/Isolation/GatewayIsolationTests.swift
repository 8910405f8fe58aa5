import Domain
import HTTPTypes
import Testing

@testable import API

/// The same for the gateway's own endpoints.
struct GatewayIsolationTests {
    @Test(arguments: GatewayEndpoint.all)
    func `an endpoint of the gateway's own lets in by role, and reaches the caller's own org and those below`(endpoint: GatewayEndpoint) async throws
    {
        try await IsolationTests.withStage { stage in
            for place in Neighbourhood.allCases {
                var row = try await stage.row(endpoint.row, in: place)
                for caller in TestCaller.all {
                    let expectation = IsolationTests.Expectation(roles: endpoint.roles, caller, place)
                    let before = try await stage.trace(of: place)
                    let reply = try await stage.call(endpoint, place, row, as: try await caller.fields(stage.world))
                    let isUntouched = try await stage.trace(of: place) == before
                    let what = Comment("\(endpoint.testDescription) by \(caller) for \(place): \(reply.status) \(reply.json.text)")
                    switch expectation {
                    case .unauthorized: #expect(reply.status == 401 && isUntouched, what)
                    case .forbidden: #expect(reply.status == 403 && isUntouched, what)
                    case .hidden: #expect(Self.isHidden(endpoint, place, reply, row) && isUntouched, what)
                    case .done:
                        #expect((200..<300).contains(reply.status) || endpoint.mayConflict && reply.status == 409, what)
                        #expect(!endpoint.isList || Self.isListed(endpoint, place, reply, row), what)
                        if endpoint.method != .get { row = try await stage.row(endpoint.row, in: place) }
                    }
                }
            }
        }
    }

    private static func isHidden(_ endpoint: GatewayEndpoint, _ place: Neighbourhood, _ reply: Reply, _ row: [String]) -> Bool {
        // An import tells of each line, and never fails for one.
        if case .line = endpoint.sent { return reply.status == 200 && reply.json["imported"] == 0 && reply.json["failed"] == 1 }
        if endpoint.isMany { return reply.status == 200 && reply.json["matched"] == 0 }
        if endpoint.isList { return (reply.status == 200 || reply.status == 404) && !isListed(endpoint, place, reply, row) }
        return reply.status == 404
    }

    private static func isListed(_ endpoint: GatewayEndpoint, _ place: Neighbourhood, _ reply: Reply, _ row: [String]) -> Bool {
        // Not everybody who sees that an address is suppressed sees the address.
        if case .suppression = endpoint.row { return reply.json.text.contains("\"\(place.orgID)\"") }
        return reply.text.contains("\"\(row.last ?? "")\"")
    }

    @Test func `every route that asks who calls is in one of the matrices, with its roles`() async throws {
        try await withWorld { world in
            let known =
                ContractEndpoint.all.map { RouteKey(method: $0.method, path: $0.path, roles: Set($0.roles)) }
                + GatewayEndpoint.all.map { RouteKey(method: $0.method, path: $0.path, roles: Set($0.roles)) }
            let guarded = world.routes.compactMap { route in
                route.access.map { RouteKey(method: route.method, path: route.path, roles: Set($0.roles ?? [])) }
            }
            #expect(Set(guarded).symmetricDifference(known) == [])
        }
    }

    private struct RouteKey: Hashable {
        var method: HTTPRequest.Method
        var path: String
        var roles: Set<Role>
    }
}
