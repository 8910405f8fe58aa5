import Domain
import HTTPTypes
import Storage

extension Problem {
    /// 422 that names every fault at once.
    static func invalid(_ faults: Faults) -> Problem {
        let detail: String
        if faults.count == 1 {
            let fault = faults.list[0]
            detail = fault.pointer.isEmpty ? fault.detail : "\(fault.pointer): \(fault.detail)"
        } else if faults.count > Faults.most {
            detail = "The request has \(faults.count) faults; the first \(Faults.most) are listed in errors."
        } else {
            detail = "The request has \(faults.count) faults; errors lists them."
        }
        return Problem(.unprocessableContent, "validation", "The request is not valid", detail, faults: faults)
    }

    static func malformed(_ detail: String) -> Problem {
        Problem(.badRequest, "malformed", "The request can't be read", detail)
    }

    static func unsupportedMediaType(_ given: String) -> Problem {
        Problem(
            .unsupportedMediaType, "media-type", "The body is not JSON",
            "Send the body as application/json in UTF-8; Content-Type says \(Printable.quoted(given)).")
    }

    static func tooLarge(limit: Int) -> Problem {
        Problem(.contentTooLarge, "too-large", "The body is too large", "A request body may have at most \(limit) bytes.")
    }

    static func unauthorized(_ detail: String) -> Problem {
        Problem(.unauthorized, "unauthorized", "Who is calling?", detail, headers: [.wwwAuthenticate: "Bearer realm=\"hermod\""])
    }

    /// A credential was sent and is no good (RFC 6750 section 3.1).
    static func invalidToken(_ detail: String) -> Problem {
        let description = Printable.quotedString(detail, limit: 300)
        return Problem(
            .unauthorized, "invalid-token", "The credential is not accepted", detail,
            headers: [.wwwAuthenticate: "Bearer realm=\"hermod\", error=\"invalid_token\", error_description=\(description)"])
    }

    static func forbidden(_ detail: String) -> Problem {
        Problem(.forbidden, "forbidden", "The caller may not do this", detail)
    }

    /// Also what another org's rows answer: that something is there is itself not theirs to know.
    static func notFound(_ what: String) -> Problem {
        Problem(.notFound, "not-found", "Not found", "There is no such \(what).")
    }

    static var unknownPath: Problem {
        Problem(.notFound, "unknown-path", "Not found", "The gateway has nothing at this path.")
    }

    static func methodNotAllowed(_ allowed: [HTTPRequest.Method]) -> Problem {
        let list = allowed.map(\.rawValue).joined(separator: ", ")
        return Problem(.methodNotAllowed, "method", "Method not allowed", "This path answers to \(list).", headers: [.allow: list])
    }

    static func conflict(_ detail: String) -> Problem {
        Problem(.conflict, "state", "The state forbids it", detail)
    }

    static func unavailable(_ detail: String, retryAfter: Int) -> Problem {
        Problem(.serviceUnavailable, "unavailable", "Try again later", detail, headers: [.retryAfter: String(retryAfter)])
    }

    static var internalError: Problem {
        Problem(
            .internalServerError, "internal", "A fault of the gateway", "The gateway failed to answer; its log says why, under this X-Request-Id.")
    }

    /// What any error means for the caller.
    init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as StorageError: self = Problem(error)
        case is CancellationError: self = .unavailable("The gateway is shutting down.", retryAfter: 5)
        default: self = .internalError
        }
    }

    /// The texts of storage errors name files and statements: they are for the log.
    private init(_ error: StorageError) {
        switch error {
        case .overloaded: self = .unavailable("Too many requests wait for the disk.", retryAfter: 1)
        case .locked: self = .unavailable("The database is busy.", retryAfter: 2)
        case .unavailable: self = .unavailable("The database can't be reached.", retryAfter: 5)
        case .diskFull: self = .unavailable("There is no room to store the request; nothing of it was kept.", retryAfter: 30)
        case .statement: self = .internalError
        }
    }
}
