/// The two ways Expo says no: to a whole request, and to one message in a ticket or receipt.
enum ExpoError {
    /// Statuses of the request-level codes. UNAUTHORIZED is 401 for a bearer that is not known and 403 for one that may not push there, as senders
    /// report it; Expo documents neither.
    static let requestStatuses: [String: Int] = [
        "TOO_MANY_REQUESTS": 429, "PUSH_TOO_MANY_EXPERIENCE_IDS": 400, "PUSH_TOO_MANY_NOTIFICATIONS": 400, "PUSH_TOO_MANY_RECEIPTS": 400,
        "UNAUTHORIZED": 401, "VALIDATION_ERROR": 400, "API_ERROR": 400, "INTERNAL_SERVER_ERROR": 500,
    ]

    static let messageCodes: Set<String> = [
        "DeviceNotRegistered", "MessageTooBig", "MessageRateExceeded", "MismatchSenderId", "InvalidCredentials", "DeveloperError", "ProviderError",
        "ExpoError",
    ]

    static func request(_ code: String, _ message: String, status: Int? = nil, details: JSON? = nil) -> Reply {
        let error = JSON.object(["code": .string(code), "message": .string(message), "details": details, "isTransient": false])
        return Reply(status: status ?? requestStatuses[code] ?? 400, json: .object(["errors": .array([error])]))
    }

    /// A ticket or receipt that says no. Without `code` there are no details at all, as Expo does for what it can't name.
    static func message(_ code: String?, token: String, _ text: String? = nil) -> JSON {
        let texts = [
            "DeviceNotRegistered": "\"\(token)\" is not a registered push notification recipient",
            "MessageTooBig": "Message too big. The payload may have at most 4096 bytes",
            "MessageRateExceeded": "Too many messages sent too frequently to the device",
            "MismatchSenderId": "There is an issue with the FCM push credentials of the project",
            "InvalidCredentials": "The push notification credentials of the app are invalid: InvalidProviderToken",
        ]
        return .object([
            "status": "error", "message": .string(text ?? code.flatMap { texts[$0] } ?? "The message could not be sent"),
            "details": code.map { .object(["error": .string($0), "expoPushToken": .string(token)]) },
        ])
    }
}
