import Domain
import HTTPTypes
import Hummingbird
import Synchronization

/// Which path answers to which methods, and what each asks of its caller.
///
/// The router knows a path and a method only together, so a miss can't tell 404 from 405; this table, asked on a miss alone, can.
final class RouteTable: Sendable {
    /// One route as it was hung up.
    struct Route: Sendable, Hashable {
        var method: HTTPRequest.Method
        /// With parameters as `:name`.
        var path: String
        /// Nil: asks nobody who they are.
        var access: Access?
    }

    private struct Entry {
        var path: RouterPath
        var methods: [HTTPRequest.Method]
    }

    private struct Content {
        var entries: [Entry] = []
        var routes: [Route] = []
    }

    private let content = Mutex(Content())
    /// Where handlers note what they ask for; production has none.
    let readings: Readings?

    init(readings: Readings? = nil) {
        self.readings = readings
    }

    /// Every route, in the order in which they were hung up. `HEAD`, which comes with each `GET`, is not among them.
    var routes: [Route] { content.withLock(\.routes) }

    func add(_ path: String, _ method: HTTPRequest.Method, access: Access? = nil) {
        // A GET route answers HEAD as well: the router makes that one by itself.
        let methods = method == .get ? [.get, .head] : [method]
        content.withLock { content in
            content.routes.append(Route(method: method, path: path, access: access))
            let path = RouterPath(path)
            if let index = content.entries.firstIndex(where: { $0.path.description == path.description }) {
                content.entries[index].methods += methods
            } else {
                content.entries.append(Entry(path: path, methods: methods))
            }
        }
    }

    /// The methods of the path that fits best: fixed words win over parameters, as in the router. Empty when there is no such path.
    func methods(of path: String) -> [HTTPRequest.Method] {
        let segments = path.split(separator: "/")
        let fitting = content.withLock { content in
            content.entries.filter { entry in
                entry.path.count == segments.count && zip(entry.path.components, segments).allSatisfy { $0 ~= $1 }
            }
        }
        func fixedWords(_ entry: Entry) -> Int { zip(entry.path.components, segments).count { $0 == $1 } }
        return fitting.max { fixedWords($0) < fixedWords($1) }?.methods ?? []
    }
}

/// Where contracts hang up their routes.
struct Routes {
    private let group: RouterGroup<CallContext>
    private let table: RouteTable
    private let contracts: [Contract]

    init(_ group: RouterGroup<CallContext>, table: RouteTable, contracts: [Contract] = []) {
        self.group = group
        self.table = table
        self.contracts = contracts
    }

    /// The same place for routes that belong to these contracts.
    func of(_ contracts: Contract...) -> Routes { Routes(group, table: table, contracts: contracts) }

    /// A route that checks its caller before it does anything else.
    func on<Reply: ResponseGenerator>(
        _ method: HTTPRequest.Method, _ path: String, access: Access = .anyone,
        use handler: @Sendable @escaping (Request, CallContext) async throws -> Reply
    ) {
        var access = access
        access.contracts = contracts
        add(method, path, access) { [access] request, context in
            try access.demand(of: try context.caller)
            return try await handler(request, context)
        }
    }

    /// A route that asks nobody who they are: health and the like.
    func onUnguarded<Reply: ResponseGenerator>(
        _ method: HTTPRequest.Method, _ path: String, use handler: @Sendable @escaping (Request, CallContext) async throws -> Reply
    ) {
        add(method, path, nil, use: handler)
    }

    private func add<Reply: ResponseGenerator>(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access?,
        use handler: @Sendable @escaping (Request, CallContext) async throws -> Reply
    ) {
        table.add(path, method, access: access)
        guard let readings = table.readings else {
            group.on(RouterPath(path), method: method, use: handler)
            return
        }
        let endpoint = "\(method.rawValue) \(path)"
        group.on(RouterPath(path), method: method) { request, context in
            try await readings.noting(endpoint) { try await handler(request, context) }
        }
    }
}
