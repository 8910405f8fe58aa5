import Hummingbird

/// What is known about a call beside its request.
struct CallContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    var requestID = ""
    /// Set by `CallerMiddleware`, on every path that it guards.
    private var identified: Caller?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
    }

    /// Who calls. Asking on a path that nobody guards is a fault of ours, and answers as one.
    var caller: Caller {
        get throws(Problem) {
            guard let identified else { throw .internalError }
            return identified
        }
    }

    mutating func identify(_ caller: Caller) {
        identified = caller
    }

    /// A path segment, percent-decoded. What can't be decoded names nothing.
    func segment(_ name: String) throws(Problem) -> String {
        guard let raw = parameters.get(name), let text = PercentCoding.decode(raw) else {
            throw .malformed("The path is not percent-encoded UTF-8.")
        }
        return text
    }
}
