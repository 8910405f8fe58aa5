import Domain
import HTTPTypes
import Hummingbird
import Synchronization

/// Which path answers to which methods.
///
/// The router knows a path and a method only together, so a miss can't tell 404 from 405; this table, asked on a miss alone, can.
final class RouteTable: Sendable {
    private struct Entry {
        var path: RouterPath
        var methods: [HTTPRequest.Method]
    }

    private let entries = Mutex<[Entry]>([])

    func add(_ path: RouterPath, _ method: HTTPRequest.Method) {
        // A GET route answers HEAD as well: the router makes that one by itself.
        let methods = method == .get ? [.get, .head] : [method]
        entries.withLock { entries in
            if let index = entries.firstIndex(where: { $0.path.description == path.description }) {
                entries[index].methods += methods
            } else {
                entries.append(Entry(path: path, methods: methods))
            }
        }
    }

    /// The methods of the path that fits best: fixed words win over parameters, as in the router. Empty when there is no such path.
    func methods(of path: String) -> [HTTPRequest.Method] {
        let segments = path.split(separator: "/")
        let fitting = entries.withLock { entries in
            entries.filter { entry in
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
        onUnguarded(method, path) { [access] request, context in
            try access.demand(of: try context.caller)
            return try await handler(request, context)
        }
    }

    /// A route that asks nobody who they are: health and the like.
    func onUnguarded<Reply: ResponseGenerator>(
        _ method: HTTPRequest.Method, _ path: String, use handler: @Sendable @escaping (Request, CallContext) async throws -> Reply
    ) {
        table.add(RouterPath(path), method)
        group.on(RouterPath(path), method: method, use: handler)
    }
}
