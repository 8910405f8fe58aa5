import Domain
import HTTPTypes
import Hummingbird

/// Decides who calls. A credential that is sent is always honoured, and a bad one is refused in open mode too: whoever sends one means it.
struct CallerMiddleware: RouterMiddleware {
    typealias Context = CallContext

    let isOpen: Bool
    let defaultOrg: String
    let scopes: OrgScopes
    let time: any TimeSource

    func handle(
        _ request: Request, context: CallContext, next: (Request, CallContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.identify(try caller(of: request))
        return try await next(request, context)
    }

    private func caller(of request: Request) throws(Problem) -> Caller {
        if request.headers.contains(.authorization) {
            throw .unauthorized("The credential in Authorization is not known here: no keys have been issued.")
        }
        guard isOpen else { throw .unauthorized("Send a credential: Authorization: Bearer …") }
        let scope = scopes.scope(of: defaultOrg, now: time.now)
        return Caller(id: "open:\(defaultOrg)", orgID: defaultOrg, scope: scope, standing: .open)
    }
}
