/// `/_mock/…`: what has been received, and what shall go wrong. Every call means one run: the one it names, else the main one.
struct ControlAPI: Sendable {
    let universe: Universe
    let certificate: String

    /// - Parameter run: the name in the request's header or path, if there is one; a query `run=` says the same.
    func answer(_ request: Request, run: String?) -> Answer {
        let name = request.query("run") ?? run ?? ""
        guard name.isEmpty || Run.isName(name) else {
            return .now(Self.problem(400, "run must be 1 to 64 letters, digits, '.', '_' and '-', not '\(name)'."))
        }
        let call = Call(request: request, world: universe.world(name), path: request.path.split(separator: "/").dropFirst().map(String.init))
        return messages(call) ?? scripts(call) ?? setup(call) ?? credentials(call)
            ?? .now(Self.problem(404, "There is no \(request.method) \(request.path). See Mocks/README.md for the control API."))
    }

    /// One request, in the run it means.
    struct Call {
        var request: Request
        var world: World
        /// Behind `/_mock/`.
        var path: [String]

        /// `GET messages/*`: the method, then the path with `*` for any one part.
        func isFor(_ pattern: StaticString) -> Bool {
            let parts = pattern.description.split(separator: " ")
            let wanted = parts[1].split(separator: "/")
            guard parts[0] == request.method, wanted.count == path.count else { return false }
            return zip(wanted, path).allSatisfy { $0 == "*" || $0 == $1 }
        }

        /// The fault of a query that asks for something unknown; nil when all is known.
        func unknownParameter(besides known: Set<String>) -> Reply? {
            let known = known.union(["run"])
            guard let unknown = request.query.first(where: { !known.contains($0.name) }) else { return nil }
            return ControlAPI.problem(400, "There is no parameter \(unknown.name); known are \(known.sorted().joined(separator: ", ")).")
        }
    }

    static func problem(_ status: Int, _ detail: String) -> Reply {
        Reply(status: status, json: .object(["error": .string(detail)]))
    }

    static var done: Answer { .now(Reply(status: 204)) }
}
