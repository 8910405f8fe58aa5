import Domain
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// What every exchange has in common: a request id, errors as problem+json, a few headers, one line in the log.
struct ExchangeMiddleware: RouterMiddleware {
    typealias Context = CallContext

    let table: RouteTable
    let time: any TimeSource
    let bodyLimit: Int
    let counts: RequestCounts

    func handle(
        _ request: Request, context: CallContext, next: (Request, CallContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        context.requestID = requestID(of: request)
        var failure: (any Error)?
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            let problem = problem(error, request)
            // What the gateway itself did wrong is told in the log; what the caller did wrong is told to the caller.
            if problem.status.code >= 500 { failure = error }
            response = problem.answer(instance: Printable.ascii(request.uri.path, limit: 1_024)).response()
        }
        response.headers[.requestID] = context.requestID
        response.headers[.xContentTypeOptions] = "nosniff"
        // What a handler does not declare cacheable is a person's business.
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        let took = ContinuousClock.now - start
        counts.count(request.method, context.endpointPath, response.status.code, took: took)
        log(request, context, response.status, took, failure)
        return response
    }

    private func problem(_ error: any Error, _ request: Request) -> Problem {
        switch error {
        case let error as HTTPError where error.status == .notFound:
            let methods = table.methods(of: request.uri.path)
            // Below a fixed word that also fits a parameter the router finds nothing, though the table does: not even for this method.
            return methods.isEmpty || methods.contains(request.method) ? .unknownPath : .methodNotAllowed(methods)
        case is NIOTooManyBytesError: return .tooLarge(limit: bodyLimit)
        default: return Problem(error)
        }
    }

    /// The caller's own id when it is fit to be repeated, else a new one.
    private func requestID(of request: Request) -> String {
        if let given = request.headers[.requestID], (1...128).contains(given.utf8.count), given.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            return given
        }
        return Identifier.make(at: time.now).text(prefix: "req_")
    }

    /// The route, never the path: paths carry device tokens.
    private func log(_ request: Request, _ context: CallContext, _ status: HTTPResponse.Status, _ took: Duration, _ failure: (any Error)?) {
        let level: Logger.Level = failure == nil ? .debug : .error
        guard context.logger.logLevel <= level else { return }
        var metadata: Logger.Metadata = [
            "method": .string(Printable.ascii(request.method.rawValue, limit: 16)),
            "route": .string(context.endpointPath ?? ""),
            "status": .stringConvertible(status.code),
            "ms": .stringConvertible(Double(took.microseconds) / 1_000),
            "request_id": .string(context.requestID),
        ]
        if let failure { metadata["error"] = .string(String(describing: failure)) }
        context.logger.log(level: level, "request", metadata: metadata)
    }
}
