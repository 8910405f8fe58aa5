import Domain

/// What the document says once for all endpoints.
enum OpenAPIComponents {
    static let head: JSONObject = ["openapi": "3.1.1", "info": [:], "servers": [["url": "/", "description": "This gateway."]]]

    static func info(version: String) -> JSON {
        [
            "title": "Hermod", "version": .string(version), "summary": "A delivery gateway for push, e-mail and in-app notifications.",
            "description": .string(about), "license": ["name": "Apache 2.0", "identifier": "Apache-2.0"],
        ]
    }

    private static let about = """
        What the gateway has answered for with a 2xx is durable: it reaches its provider, or the delivery log says why not.

        - **Ids** keep the prefix that their contract gives them; what follows is opaque. **Times** are UTC.
        - **Unknown members** of a body and unknown query parameters are ignored and named in a `Warning: 299` header. A member that is `null` counts as absent.
        - **Lists** come newest first. `page` and `limit` choose a page; the `Link` header leads to the next one by a cursor, which stays right while new entries
          arrive.
        - **Errors** are problem details (RFC 9457); a 422 names every fault of the request at once, with a JSON pointer to each (`/name` for a query parameter
          or a header).
        - **Repeats**: every POST takes an `Idempotency-Key`, and a repeat with the same key and body gets the first answer again, for 24 hours.
        - Every `GET` answers `HEAD` as well.
        """

    /// The component that describes a problem of that status.
    static let problems = [
        "400": "Malformed", "401": "Unauthorized", "403": "Forbidden", "404": "NotFound", "409": "Conflict", "413": "TooLarge",
        "415": "UnsupportedMediaType", "422": "Invalid", "500": "InternalError", "503": "Unavailable",
    ]

    static let fragment = OpenAPIFragment(
        #"""
        {
          "securitySchemes": {
            "apiKey": {"type": "http", "scheme": "bearer", "bearerFormat": "hk_…",
              "description": "An API key. It is bound to an org, to roles and, where it was made so, to one contract. Names behind the scheme are roles, any one of which is enough."},
            "jwt": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT",
              "description": "A signed JSON Web Token with the claims `sub`, `org_id` and `roles`. Names behind the scheme are roles, any one of which is enough."}
          },
          "headers": {
            "X-Request-Id": {"description": "The call's id in the gateway's log: the caller's own `X-Request-Id` where it is fit to be repeated, else a new one.",
              "required": true, "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"}, "example": "req_0351EDtz9bTyw4YrBoV2dN"},
            "Warning": {"description": "Names what was sent and is not known here, and so was ignored (code 299).",
              "schema": {"type": "string", "pattern": "^299 - \".*\"$"}, "example": "299 - \"unknown and ignored: /colour\""},
            "Link": {"description": "The next page, where there is one (RFC 8288).",
              "schema": {"type": "string", "pattern": "^<[^>]+>; rel=\"next\"$"},
              "example": "</api/v1/notifications?page=2&limit=20&cursor=notif_0351EDrbB66LGJv6akugxf>; rel=\"next\""},
            "Idempotency-Replayed": {"description": "`true` on the answer to a repeat: nothing was done again.", "schema": {"type": "string", "const": "true"}},
            "Preference-Applied": {"description": "The preferences of the request that were honoured (RFC 7240).",
              "schema": {"type": "string", "pattern": "^(wait=[0-9]+|respond-async(, wait=[0-9]+)?)$"}, "example": "wait=2"},
            "Retry-After": {"description": "Seconds after which trying again makes sense.", "required": true,
              "schema": {"type": "string", "pattern": "^[0-9]+$"}, "example": "1"},
            "Retry-After.Running": {"description": "Seconds after which the first request may be done; given while a request with the same key is running.",
              "schema": {"type": "string", "pattern": "^[0-9]+$"}, "example": "1"},
            "WWW-Authenticate": {"description": "How to say who is calling.", "required": true, "schema": {"type": "string"}, "example": "Bearer realm=\"hermod\""},
            "ETag": {"description": "Changes with the answer; send it as `If-None-Match`.", "required": true,
              "schema": {"type": "string", "pattern": "^\"[0-9a-f]+\"$"}, "example": "\"5d41402abc4b2a76\""}
          },
          "parameters": {
            "Idempotency-Key": {"name": "Idempotency-Key", "in": "header", "required": false,
              "description": "Makes the call happen once, however often it is sent: for 24 hours, a repeat with the same key and body gets the first answer again.",
              "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}, "example": "order-4711-reminder"},
            "Prefer": {"name": "Prefer", "in": "header", "required": false,
              "description": "`wait=N` waits at most N seconds for the outcome, `respond-async` not at all (RFC 7240). What can't be honoured is ignored.",
              "schema": {"type": "string"}, "example": "wait=2"},
            "page": {"name": "page", "in": "query", "required": false, "description": "The page, from 1. Behind the last one, `data` is empty.",
              "schema": {"type": "integer", "minimum": 1, "maximum": 9223372036854775807, "default": 1}, "example": 1},
            "limit": {"name": "limit", "in": "query", "required": false, "description": "Entries of a page.",
              "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}, "example": 20},
            "cursor": {"name": "cursor", "in": "query", "required": false, "description": "Where the page before ended. Take it from that page's `Link` header.",
              "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[0-9A-Za-z_-]+$"}, "example": "notif_0351EDrbB66LGJv6akugxf"},
            "from": {"name": "from", "in": "query", "required": false, "description": "Only what was created at this time or later.",
              "schema": {"type": "string", "format": "date-time"}, "example": "2026-03-01T00:00:00Z"},
            "to": {"name": "to", "in": "query", "required": false, "description": "Only what was created before this time.",
              "schema": {"type": "string", "format": "date-time"}, "example": "2026-04-01T00:00:00Z"},
            "user_id": {"name": "user_id", "in": "query", "required": false, "description": "Only what was for this user.", "schema": "ID", "example": "usr_4bc8d2"},
            "org_id": {"name": "org_id", "in": "query", "required": false, "description": "Only what belongs to this org.", "schema": "ID", "example": "org_kNr8aQ"}
          },
          "responses": {
            "Malformed": {"description": "The request can't be read: the body is no JSON object, or the path is not percent-encoded UTF-8.", "headers": ["X-Request-Id"],
              "content": {"application/problem+json": {"schema": "MalformedProblem", "examples": {"example": {"value":
                {"type": "urn:hermod:problem:malformed", "title": "The request can't be read", "status": 400,
                 "detail": "The body is not JSON: unexpected word at byte 12.", "instance": "/api/v1/notifications"}}}}}},
            "Unauthorized": {"description": "A credential is needed and there is none, or the one that was sent is not good. A credential that is sent has to be good in any case.",
              "headers": ["X-Request-Id", "WWW-Authenticate"],
              "content": {"application/problem+json": {"schema": "UnauthorizedProblem", "examples": {"example": {"value":
                {"type": "urn:hermod:problem:unauthorized", "title": "Who is calling?", "status": 401,
                 "detail": "Send a credential: Authorization: Bearer …", "instance": "/api/v1/notification-records"}}}}}},
            "Forbidden": {"description": "The caller has none of the roles that this asks for, or its key is bound to another contract.", "headers": ["X-Request-Id"],
              "content": {"application/problem+json": {"schema": "ForbiddenProblem", "examples": {"example": {"value":
                {"type": "urn:hermod:problem:forbidden", "title": "The caller may not do this", "status": 403,
                 "detail": "This needs the role org_admin or global_admin.", "instance": "/api/v1/notification-records/nr_0a1b2c3d4e5f"}}}}}},
            "NotFound": {"description": "There is no such thing, or it belongs to an org that the caller does not see.", "headers": ["X-Request-Id"],
              "content": {"application/problem+json": {"schema": "NotFoundProblem", "examples": {"example": {"value":
                {"type": "urn:hermod:problem:not-found", "title": "Not found", "status": 404,
                 "detail": "There is no such notification.", "instance": "/api/v1/notifications/notif_d1e2f3"}}}}}},
            "Conflict": {"description": "The state forbids it, or a request with the same `Idempotency-Key` is still running.",
              "headers": ["X-Request-Id", "Retry-After.Running"],
              "content": {"application/problem+json": {"schema": "ConflictProblem", "examples": {"example": {"value":
                {"type": "urn:hermod:problem:idempotency-running", "title": "The state forbids it", "status": 409,
                 "detail": "A request with this Idempotency-Key is still being worked on.", "instance": "/api/v1/notifications"}}}}}},
            "TooLarge": {"description": "The body is larger than the gateway takes (1 MiB unless configured).", "headers": ["X-Request-Id"],
              "content": {"application/problem+json": {"schema": "TooLargeProblem", "examples": {"example": {"value":
                {"type": "urn:hermod:problem:too-large", "title": "The body is too large", "status": 413,
                 "detail": "A request body may have at most 1048576 bytes.", "instance": "/api/v1/notifications/batch"}}}}}},
            "UnsupportedMediaType": {"description": "The body is not said to be JSON in UTF-8.", "headers": ["X-Request-Id"],
              "content": {"application/problem+json": {"schema": "MediaTypeProblem", "examples": {"example": {"value":
                {"type": "urn:hermod:problem:media-type", "title": "The body is not JSON", "status": 415,
                 "detail": "Send the body as application/json in UTF-8; Content-Type says \"text/plain\".", "instance": "/api/v1/notifications"}}}}}},
            "Invalid": {"description": "The request can be read but is not valid; `errors` names every fault.", "headers": ["X-Request-Id"],
              "content": {"application/problem+json": {"schema": "InvalidProblem", "examples": {"example": {"value":
                {"type": "urn:hermod:problem:validation", "title": "The request is not valid", "status": 422,
                 "detail": "The request has 2 faults; errors lists them.", "instance": "/api/v1/notifications",
                 "errors": [{"pointer": "/title", "detail": "is required"}, {"pointer": "/body", "detail": "must be a string, not a number"}]}}}}}},
            "InternalError": {"description": "A fault of the gateway; its log says more, under the answer's `X-Request-Id`.", "headers": ["X-Request-Id"],
              "content": {"application/problem+json": {"schema": "InternalProblem", "examples": {"example": {"value":
                {"type": "urn:hermod:problem:internal", "title": "A fault of the gateway", "status": 500,
                 "detail": "The gateway failed to answer; its log says why, under this X-Request-Id.", "instance": "/api/v1/notifications"}}}}}},
            "Unavailable": {"description": "The gateway can't take the call at the moment, and has kept nothing of it.", "headers": ["X-Request-Id", "Retry-After"],
              "content": {"application/problem+json": {"schema": "UnavailableProblem", "examples": {"example": {"value":
                {"type": "urn:hermod:problem:unavailable", "title": "Try again later", "status": 503,
                 "detail": "Too many requests wait for the disk.", "instance": "/api/v1/notifications"}}}}}}
          },
          "spreads": {
            "Problem": {
              "title": {"type": "string", "description": "The kind of problem in words."},
              "detail": {"type": "string", "description": "The fault and its remedy, for people."},
              "instance": {"type": "string", "description": "The path of the request."}
            },
            "SendingOptions": {
              "provider": {"type": "string", "enum": ["expo", "apns", "fcm"],
                "description": "Send through this provider alone. Otherwise each token goes to the provider that its form and platform name.", "examples": ["fcm"]},
              "credential": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
                "description": "The name of the org's credential to send with. Otherwise the only or first one of the provider.", "examples": ["main"]},
              "expires_at": {"type": "string", "format": "date-time",
                "description": "After this moment no attempt is made any more, and providers are told so.", "examples": ["2099-01-01T00:00:00Z"]},
              "collapse_id": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[ -~]+$",
                "description": "A later notification with the same id replaces this one on the device.", "examples": ["weekly-goal"]},
              "priority": {"type": "string", "enum": ["normal", "high"], "default": "high",
                "description": "`high` wakes a device and goes first; `normal` may wait.", "examples": ["normal"]}
            }
          },
          "schemas": {
            "MalformedProblem": {"type": "object", "spread": ["Problem"], "properties": {
              "type": {"type": "string", "const": "urn:hermod:problem:malformed", "description": "Names the kind of problem, for programs."}, "status": {"type": "integer", "const": 400, "description": "The status of the answer."}}},
            "UnauthorizedProblem": {"type": "object", "spread": ["Problem"], "properties": {
              "type": {"type": "string", "enum": ["urn:hermod:problem:unauthorized", "urn:hermod:problem:invalid-token"],
                "description": "Names the kind of problem, for programs: no credential was sent, or one that is no good."}, "status": {"type": "integer", "const": 401, "description": "The status of the answer."}}},
            "ForbiddenProblem": {"type": "object", "spread": ["Problem"], "properties": {
              "type": {"type": "string", "const": "urn:hermod:problem:forbidden", "description": "Names the kind of problem, for programs."}, "status": {"type": "integer", "const": 403, "description": "The status of the answer."}}},
            "NotFoundProblem": {"type": "object", "optional": ["errors"], "spread": ["Problem"], "properties": {
              "errors": {"type": "array", "minItems": 1, "maxItems": 100, "description": "What of the request names nothing, where that are several things.", "items": "Fault"},
              "type": {"type": "string", "enum": ["urn:hermod:problem:not-found", "urn:hermod:problem:unknown-path"],
                "description": "Names the kind of problem, for programs: what the path names is not there, or nothing has such a path."}, "status": {"type": "integer", "const": 404, "description": "The status of the answer."}}},
            "MethodProblem": {"type": "object", "spread": ["Problem"], "properties": {
              "type": {"type": "string", "const": "urn:hermod:problem:method", "description": "Names the kind of problem, for programs."}, "status": {"type": "integer", "const": 405, "description": "The status of the answer."}}},
            "ConflictProblem": {"type": "object", "spread": ["Problem"], "properties": {
              "type": {"type": "string", "enum": ["urn:hermod:problem:state", "urn:hermod:problem:idempotency-running"],
                "description": "Names the kind of problem, for programs: the state of what is asked for, or a request with the same key that is still running."}, "status": {"type": "integer", "const": 409, "description": "The status of the answer."}}},
            "TooLargeProblem": {"type": "object", "spread": ["Problem"], "properties": {
              "type": {"type": "string", "const": "urn:hermod:problem:too-large", "description": "Names the kind of problem, for programs."}, "status": {"type": "integer", "const": 413, "description": "The status of the answer."}}},
            "MediaTypeProblem": {"type": "object", "spread": ["Problem"], "properties": {
              "type": {"type": "string", "const": "urn:hermod:problem:media-type", "description": "Names the kind of problem, for programs."}, "status": {"type": "integer", "const": 415, "description": "The status of the answer."}}},
            "InvalidProblem": {"type": "object", "spread": ["Problem"], "properties": {
              "type": {"type": "string", "const": "urn:hermod:problem:validation", "description": "Names the kind of problem, for programs."}, "status": {"type": "integer", "const": 422, "description": "The status of the answer."},
              "errors": {"type": "array", "minItems": 1, "maxItems": 100, "description": "Every fault, at most the first 100.", "items": "Fault"}}},
            "InternalProblem": {"type": "object", "spread": ["Problem"], "properties": {
              "type": {"type": "string", "const": "urn:hermod:problem:internal", "description": "Names the kind of problem, for programs."}, "status": {"type": "integer", "const": 500, "description": "The status of the answer."}}},
            "UnavailableProblem": {"type": "object", "spread": ["Problem"], "properties": {
              "type": {"type": "string", "const": "urn:hermod:problem:unavailable", "description": "Names the kind of problem, for programs."}, "status": {"type": "integer", "const": 503, "description": "The status of the answer."}}},
            "Fault": {"type": "object", "description": "One thing that is wrong with a request.", "properties": {
              "pointer": {"type": "string", "description": "Where: a JSON pointer (RFC 6901) into the body; for a query parameter or a header, its name behind a slash."},
              "detail": {"type": "string", "description": "What is wrong there."}}},
            "Pagination": {"type": "object", "description": "Which part of the list this is.", "properties": {
              "page": {"type": "integer", "minimum": 1, "description": "This page."},
              "limit": {"type": "integer", "minimum": 1, "maximum": 100, "description": "Entries of a page."},
              "total": {"type": "integer", "minimum": 0, "description": "Entries of the whole list."}}},
            "ID": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]+$",
              "description": "An id as its owner gave it: at most 255 characters on one line."},
            "Word": {"type": "string", "maxLength": 255, "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
              "description": "A short text on one line."},
            "MailAddress": {"type": "string", "maxLength": 254, "allOf": [{"pattern": "^([^@\\u0080-\\uffff]{1,64}|[^@]{1,21})@"}],
              "pattern": "^[0-9A-Za-z!#$%&'*+/=?^_`{|}~\\u00a0-\\uffff-]+(\\.[0-9A-Za-z!#$%&'*+/=?^_`{|}~\\u00a0-\\uffff-]+)*@[0-9A-Za-z\\u00a0-\\uffff]([0-9A-Za-z\\u00a0-\\uffff-]{0,61}[0-9A-Za-z\\u00a0-\\uffff])?(\\.[0-9A-Za-z\\u00a0-\\uffff]([0-9A-Za-z\\u00a0-\\uffff-]{0,61}[0-9A-Za-z\\u00a0-\\uffff])?)*$",
              "description": "A mail address. Characters beyond ASCII may stand on both sides, and the part before the @ has at most 64 bytes; quoted local parts and address literals may not."},
            "Title": {"type": "string", "minLength": 1, "maxLength": 1024, "pattern": "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]+$",
              "description": "What stands above: at most 1,024 characters; of control characters, tab and newline only."},
            "BodyText": {"type": "string", "minLength": 1, "maxLength": 16384, "pattern": "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]+$",
              "description": "What is said: at most 16,384 characters; of control characters, tab and newline only."},
            "FreeData": {"type": "object", "propertyNames": "FreeName", "additionalProperties": "FreeValue",
              "description": "An object of any members, handed to the app untouched. Its texts hold no control characters but tab and newline."},
            "FreeName": {"type": "string", "pattern": "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]*$", "description": "A member's name: of control characters, tab and newline only."},
            "FreeValue": {"type": ["null", "boolean", "number", "string", "array", "object"], "pattern": "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]*$",
              "items": "FreeValue", "propertyNames": "FreeName", "additionalProperties": "FreeValue", "description": "Anything, as deep as 128 levels."},
            "Time": {"type": "string", "format": "date-time", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
              "description": "A time in UTC, in whole seconds.", "examples": ["2026-03-26T08:00:00Z"]},
            "TimeOrNull": {"type": ["string", "null"], "format": "date-time", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
              "description": "A time in UTC, in whole seconds; null while it has not come."}
          }
        }
        """#)
}
