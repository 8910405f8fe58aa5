import HTTPTypes
import Hummingbird

/// Finds out who calls before any handler runs.
struct CallerMiddleware: RouterMiddleware {
    typealias Context = CallContext

    let callers: Callers

    func handle(
        _ request: Request, context: CallContext, next: (Request, CallContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.identify(try await callers.caller(request.headers))
        return try await next(request, context)
    }
}
