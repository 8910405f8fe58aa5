/// One row of FCM's errors: what the body says, down to the details blocks.
struct FCMError: Sendable, Hashable {
    var status: Int
    /// The google.rpc.Code by name.
    var code: String
    var message: String
    var details: [JSON] = []

    var json: JSON {
        let error = JSON.object([
            "code": .int(status), "message": .string(message), "status": .string(code), "details": details.isEmpty ? nil : .array(details),
        ])
        return .object(["error": error])
    }

    // MARK: Details

    static func fcm(_ errorCode: String) -> JSON {
        .object(["@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": .string(errorCode)])
    }

    static func apns(_ statusCode: Int, _ reason: String) -> JSON {
        .object(["@type": "type.googleapis.com/google.firebase.fcm.v1.ApnsError", "statusCode": .int(statusCode), "reason": .string(reason)])
    }

    static func info(_ reason: String, metadata: JSON? = nil) -> JSON {
        .object([
            "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": .string(reason), "domain": "googleapis.com", "metadata": metadata,
        ])
    }

    static func violation(field: String, _ description: String) -> JSON {
        .object([
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": .array([.object(["field": .string(field), "description": .string(description)])]),
        ])
    }

    // MARK: Rows

    static func invalid(field: String, _ message: String) -> FCMError {
        FCMError(status: 400, code: "INVALID_ARGUMENT", message: message, details: [violation(field: field, message)])
    }

    static let invalidToken = FCMError(
        status: 400, code: "INVALID_ARGUMENT", message: "The registration token is not a valid FCM registration token",
        details: [fcm("INVALID_ARGUMENT")])

    static let tooBig = FCMError(
        status: 400, code: "INVALID_ARGUMENT", message: "Android message is too big", details: [fcm("INVALID_ARGUMENT")])

    static let missingCredential = FCMError(
        status: 401, code: "UNAUTHENTICATED",
        message: "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid "
            + "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
        details: [info("CREDENTIALS_MISSING")])

    static let badCredential = FCMError(
        status: 401, code: "UNAUTHENTICATED",
        message: "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication "
            + "credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
        details: [info("ACCESS_TOKEN_EXPIRED")])

    static func permissionDenied(project: String) -> FCMError {
        FCMError(
            status: 403, code: "PERMISSION_DENIED",
            message: "Permission 'cloudmessaging.messages.create' denied on resource '//cloudresourcemanager.googleapis.com/projects/\(project)' "
                + "(or it may not exist).",
            details: [
                .object([
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "IAM_PERMISSION_DENIED",
                    "domain": "cloudresourcemanager.googleapis.com",
                    "metadata": .object(["permission": "cloudmessaging.messages.create", "resource": .string("projects/\(project)")]),
                ])
            ])
    }

    static func quota(_ subject: String, _ description: String) -> FCMError {
        FCMError(
            status: 429, code: "RESOURCE_EXHAUSTED", message: "Resource has been exhausted (e.g. check quota).",
            details: [
                fcm("QUOTA_EXCEEDED"),
                .object([
                    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
                    "violations": .array([.object(["subject": .string(subject), "description": .string(description)])]),
                ]),
            ])
    }

    var reply: Reply { Reply(status: status, json: json) }

    /// The rows that scripts and magic tokens may name.
    static func named(_ name: String, project: String) -> FCMError? {
        switch name {
        case "INVALID_TOKEN": invalidToken
        case "INVALID_ARGUMENT":
            FCMError(status: 400, code: "INVALID_ARGUMENT", message: "Request contains an invalid argument.", details: [fcm("INVALID_ARGUMENT")])
        case "MESSAGE_TOO_BIG": tooBig
        case "APNS_UNREGISTERED":
            FCMError(
                status: 400, code: "INVALID_ARGUMENT", message: "APNs device token is disabled.",
                details: [fcm("INVALID_ARGUMENT"), apns(410, "Unregistered")])
        case "UNREGISTERED":
            FCMError(status: 404, code: "NOT_FOUND", message: "Requested entity was not found.", details: [fcm("UNREGISTERED")])
        case "SENDER_ID_MISMATCH":
            FCMError(status: 403, code: "PERMISSION_DENIED", message: "SenderId mismatch", details: [fcm("SENDER_ID_MISMATCH")])
        case "PERMISSION_DENIED": permissionDenied(project: project)
        case "SERVICE_DISABLED":
            FCMError(
                status: 403, code: "PERMISSION_DENIED",
                message: "Firebase Cloud Messaging API has not been used in project \(project) before or it is disabled.",
                details: [info("SERVICE_DISABLED", metadata: .object(["service": "fcm.googleapis.com", "consumer": .string("projects/\(project)")]))])
        case "ACCESS_TOKEN_EXPIRED": badCredential
        case "THIRD_PARTY_AUTH_ERROR":
            FCMError(
                status: 401, code: "UNAUTHENTICATED", message: "Auth error from APNS or Web Push Service",
                details: [fcm("THIRD_PARTY_AUTH_ERROR"), apns(403, "InvalidProviderToken")])
        case "QUOTA_EXCEEDED": quota("project:\(project)", "Message rate exceeded for the project")
        case "INTERNAL": FCMError(status: 500, code: "INTERNAL", message: "Internal error encountered.", details: [fcm("INTERNAL")])
        case "UNAVAILABLE":
            FCMError(status: 503, code: "UNAVAILABLE", message: "The service is currently unavailable.", details: [fcm("UNAVAILABLE")])
        case "UNSPECIFIED_ERROR":
            FCMError(status: 500, code: "UNKNOWN", message: "Unknown error.", details: [fcm("UNSPECIFIED_ERROR")])
        default: nil
        }
    }

    /// What a bare status looks like, without details.
    static func plain(status: Int, code: String? = nil) -> FCMError {
        let codes = [
            400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL",
            503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED",
        ]
        let code = code ?? codes[status] ?? "UNKNOWN"
        return FCMError(status: status, code: code, message: "Scripted: \(code).")
    }
}
