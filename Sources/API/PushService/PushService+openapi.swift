extension PushService {
    static let openAPI = OpenAPIFragment(
        #"""
        {
          "tag": "push-service",
          "about": "Push to a user's devices, answered with the outcome; the registration of devices.",
          "parameters": {
            "push-service-id": {"name": "id", "in": "path", "required": true, "description": "The notification.",
              "schema": {"type": "string", "minLength": 1}, "example": "notif-0055"},
            "push-service-status": {"name": "status", "in": "query", "required": false, "description": "Only notifications with this status.",
              "schema": {"type": "string", "enum": ["queued", "delivered", "failed", "cancelled", "opened"]}, "example": "delivered"}
          },
          "operations": {
            "GET /api/v1/push-notifications": {
              "id": "listPushNotifications", "summary": "List all sent push notifications", "description": "Newest first.",
              "parameters": ["page", "limit", "cursor", "from", "to", "user_id", "push-service-status"],
              "answers": {"200": {"description": "A page of the list.", "list": "PushServiceEntry", "example": {
                "data": [{"id": "notif-0055", "user_id": "mentor-42", "title": "Certification expiring soon",
                  "body": "Your Peer Mentor Level 2 certification expires in 14 days. Please renew.", "status": "delivered", "sent_at": "2026-03-26T08:00:00Z"}],
                "pagination": {"page": 1, "limit": 20, "total": 234}}}}
            },
            "POST /api/v1/push-notifications": {
              "id": "sendPushNotification", "summary": "Send a push notification to a single user",
              "description": "Reaches every active device of the user, and waits for the outcome as long as the gateway is configured to and the caller prefers.",
              "parameters": ["Prefer"],
              "body": {"schema": "PushServiceMessage", "examples": {
                "push-service": {"user_id": "mentor-42", "title": "Certification expiring soon",
                  "body": "Your Peer Mentor Level 2 certification expires in 14 days. Please renew.", "data": {"screen": "certifications", "mentor_id": "mentor-42"}},
                "push-service-options": {"user_id": "mentor-42", "title": "Certification expiring soon", "body": "Please renew.", "provider": "fcm", "credential": "main",
                  "expires_at": "2099-01-01T00:00:00Z", "collapse_id": "certification", "priority": "normal"}}},
              "answers": {
                "201": {"description": "Delivered, or failed for good: `status` tells.", "schema": "PushServiceDispatch", "example":
                  {"id": "notif-0056", "user_id": "mentor-42", "title": "Certification expiring soon",
                   "body": "Your Peer Mentor Level 2 certification expires in 14 days. Please renew.", "data": {"screen": "certifications", "mentor_id": "mentor-42"},
                   "status": "delivered", "sent_at": "2026-03-26T10:00:00Z"}},
                "202": {"description": "Durable and on its way; nobody was reached yet.", "schema": "PushServiceDispatch", "example":
                  {"id": "notif-0056", "user_id": "mentor-42", "title": "Certification expiring soon",
                   "body": "Your Peer Mentor Level 2 certification expires in 14 days. Please renew.", "data": {}, "status": "queued", "sent_at": null}}},
              "problems": {"404": "The user belongs to an org that the caller does not see, or a repeat came after the record was deleted."}
            },
            "GET /api/v1/push-notifications/:id": {
              "id": "getPushNotification", "summary": "Get a single push notification record",
              "description": "The notification with its data and one device: the one that was reached, else the first that was tried.",
              "parameters": ["push-service-id"],
              "answers": {"200": {"description": "The notification.", "schema": "PushServiceRecord", "example":
                {"id": "notif-0055", "user_id": "mentor-42", "title": "Certification expiring soon",
                 "body": "Your Peer Mentor Level 2 certification expires in 14 days. Please renew.", "data": {"screen": "certifications", "mentor_id": "mentor-42"},
                 "platform": "ios", "device_token": "abc123devicetoken", "status": "delivered", "sent_at": "2026-03-26T08:00:00Z", "opened_at": "2026-03-26T08:12:00Z"}}}
            },
            "PUT /api/v1/push-notifications/:id": {
              "id": "updatePushNotification", "summary": "Update notification record status",
              "description": "Notes that it was opened. A time of opening says so by itself; `opened` without a time means now.",
              "parameters": ["push-service-id"],
              "body": {"schema": "PushServiceChange", "example": {"status": "opened", "opened_at": "2026-03-26T10:15:00Z"}},
              "answers": {"200": {"description": "What stands now.", "schema": "PushServiceChanged", "example":
                {"id": "notif-0055", "status": "opened", "opened_at": "2026-03-26T10:15:00Z", "updated_at": "2026-03-26T10:15:00Z"}}}
            },
            "DELETE /api/v1/push-notifications/:id": {
              "id": "deletePushNotification", "summary": "Delete a notification record",
              "description": "Takes it out of every list. What of it is still queued is cancelled first.",
              "parameters": ["push-service-id"],
              "answers": {"200": {"description": "It is gone.", "schema": "Deleted", "example": {"deleted": true, "id": "notif-0055"}}}
            },
            "POST /api/v1/push-notifications/batch": {
              "id": "sendPushNotificationBatch", "summary": "Send push notifications to multiple users",
              "description": "One message to at most 10,000 users. An id that is not valid fails alone; the call is refused only when not a single one is.",
              "parameters": ["Prefer"],
              "body": {"schema": "PushServiceBatch", "examples": {
                "push-service": {"user_ids": ["mentor-19", "mentor-55", "mentor-78"], "payload": {"title": "Certification renewal reminder",
                  "body": "Your certification is expiring soon. Please take action.", "data": {"screen": "certifications"}}},
                "push-service-options": {"user_ids": ["mentor-19"], "provider": "fcm", "credential": "main", "expires_at": "2099-01-01T00:00:00Z", "collapse_id": "certification", "priority": "normal",
                  "payload": {"title": "Renewal", "body": "Please take action.", "provider": "fcm", "credential": "main", "expires_at": "2099-01-01T00:00:00Z", "collapse_id": "certification", "priority": "high"}}}},
              "answers": {"200": {"description": "What it came to.", "schema": "PushServiceBatchResult", "example":
                {"batch_id": "batch-0012", "total": 3, "delivered": 3, "failed": 0, "sent_at": "2026-03-26T10:00:00Z"}}}
            },
            "POST /api/v1/push-notifications/device-tokens": {
              "id": "registerDeviceToken", "summary": "Register a device token for a user",
              "description": "Registering a token again updates its user, platform and time, and makes it active again: within an org a token belongs to one user.",
              "body": {"schema": "TokenRegistration", "examples": {
                "push-service": {"user_id": "mentor-42", "token": "ExponentPushToken[xxxxxx]", "platform": "ios"},
                "push-service-provider": {"user_id": "mentor-42", "token": "0f744707bebcf74f9b7c25d48e3358945f6aa01da5ddb387462c7eaf61bb78ad", "platform": "ios", "provider": "apns"},
                "push-service-app": {"user_id": "mentor-42", "token": "1f744707bebcf74f9b7c25d48e3358945f6aa01da5ddb387462c7eaf61bb78ad", "platform": "ios", "app": "com.example.app"}}},
              "answers": {
                "200": {"description": "The token was known, and is registered again.", "schema": "RegisteredToken", "example":
                  {"id": "dtoken-0034", "user_id": "mentor-42", "token": "ExponentPushToken[xxxxxx]", "platform": "ios", "registered_at": "2026-03-26T10:00:00Z"}},
                "201": {"description": "The token is new.", "schema": "RegisteredToken", "example":
                  {"id": "dtoken-0034", "user_id": "mentor-42", "token": "ExponentPushToken[xxxxxx]", "platform": "ios", "registered_at": "2026-03-26T10:00:00Z"}}},
              "problems": {"404": "The user belongs to an org that the caller does not see."}
            },
            "DELETE /api/v1/push-notifications/device-tokens/:token": {
              "id": "removeDeviceToken", "summary": "Remove a device token for a user", "description": "Nothing of the token is kept.",
              "parameters": ["device-token"],
              "answers": {"200": {"description": "It is gone.", "schema": "RemovedToken", "example":
                {"deleted": true, "token": "ExponentPushToken[xxxxxx]", "user_id": "mentor-42"}}}
            }
          },
          "spreads": {
            "PushServicePayload": {
              "title": {"$ref": "Title"},
              "body": {"$ref": "BodyText"},
              "data": {"$ref": "FreeData"}
            },
            "PushServiceHead": {
              "id": {"type": "string", "pattern": "^notif-[0-9A-Za-z]+$", "description": "The notification's id."},
              "user_id": {"type": "string", "description": "Whom it is for."},
              "title": {"type": "string", "description": "What stands above."},
              "body": {"type": "string", "description": "What is said."}
            },
            "PushServiceTail": {
              "status": {"$ref": "PushServiceStatus"},
              "sent_at": {"$ref": "TimeOrNull", "description": "When it was sent; null while nothing was."},
              "error": {"type": "string", "description": "Why nobody was reached; given where nobody was."}
            }
          },
          "requests": {
            "PushServiceMessage": {"type": "object", "description": "A message to one user.", "required": ["user_id", "title", "body"],
              "spread": ["PushServicePayload", "SendingOptions"], "properties": {"user_id": {"$ref": "ID", "description": "Whose devices to reach."}}},
            "PushServiceBatch": {"type": "object", "description": "One message to many users.", "required": ["user_ids", "payload"], "spread": ["SendingOptions"], "properties": {
              "user_ids": {"type": "array", "minItems": 1, "maxItems": 10000, "description": "Whose devices to reach.", "items": "ID"},
              "payload": {"type": "object", "description": "The message. What it says about sending goes before what stands beside it.", "required": ["title", "body"],
                "spread": ["PushServicePayload", "SendingOptions"], "properties": {}}}},
            "PushServiceChange": {"type": "object", "description": "At least one of its members.", "anyOf": [{"required": ["status"], "properties": {"status": {"type": "string"}}}, {"required": ["opened_at"], "properties": {"opened_at": {"type": "string"}}}], "properties": {
              "status": {"type": "string", "enum": ["opened"], "description": "What the caller states; what the gateway itself knows can't be set."},
              "opened_at": {"type": "string", "format": "date-time", "description": "When it was opened."}}},
            "TokenRegistration": {"type": "object", "description": "A device of a user.", "required": ["user_id", "token", "platform"], "properties": {
              "user_id": {"$ref": "ID", "description": "Whose device it is."},
              "token": {"type": "string", "minLength": 1, "maxLength": 4096, "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]+$", "description": "What its provider calls the device."},
              "platform": {"$ref": "Platform"},
              "provider": {"type": "string", "enum": ["expo", "apns", "fcm"], "description": "Where it belongs, if its form and platform do not tell: `ExponentPushToken[…]` is Expo's, hex on iOS is APNs's, all else FCM's."},
              "app": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]+$", "description": "The app that the token belongs to (bundle id, package name, Expo's `@owner/slug`): picks among several credentials of one provider. Kept when a later registration names none."}}}
          },
          "schemas": {
            "PushServiceStatus": {"type": "string", "enum": ["queued", "delivered", "failed", "cancelled", "opened"],
              "description": "`delivered` when at least one device was reached, `failed` when every one failed for good or there was none, `queued` while none was reached and one is under way, `cancelled` when all was withdrawn; `opened` as a PUT has stated."},
            "PushServiceEntry": {"type": "object", "description": "A notification in a list.", "optional": ["error"], "spread": ["PushServiceHead", "PushServiceTail"], "properties": {}},
            "PushServiceDispatch": {"type": "object", "description": "What has become of a message.", "optional": ["error"], "spread": ["PushServiceHead", "PushServiceTail"],
              "properties": {"data": {"$ref": "FreeData"}}},
            "PushServiceRecord": {"type": "object", "description": "A notification with all that is known of it.", "optional": ["error"], "spread": ["PushServiceHead", "PushServiceTail"], "properties": {
              "data": {"$ref": "FreeData"},
              "platform": {"type": ["string", "null"], "enum": ["ios", "android", "web", null], "description": "What the device runs; null where no device was tried."},
              "device_token": {"type": ["string", "null"], "description": "The device's token; null where no device was tried."},
              "opened_at": {"type": ["string", "null"], "format": "date-time", "description": "When it was opened; null: not that anyone has said."}}},
            "PushServiceChanged": {"type": "object", "description": "A notification after a PUT.", "properties": {
              "id": {"type": "string", "pattern": "^notif-[0-9A-Za-z]+$", "description": "The notification's id."},
              "status": {"$ref": "PushServiceStatus"},
              "opened_at": {"type": ["string", "null"], "format": "date-time", "description": "When it was opened."},
              "updated_at": {"$ref": "Time", "description": "When it was changed."}}},
            "PushServiceBatchResult": {"type": "object", "description": "What a batch came to.", "optional": ["queued", "cancelled", "failures"], "properties": {
              "batch_id": {"type": "string", "pattern": "^batch-[0-9A-Za-z]+$", "description": "The batch's id."},
              "total": {"type": "integer", "minimum": 0, "maximum": 10000, "description": "Users of the call."},
              "delivered": {"type": "integer", "minimum": 0, "description": "Users of whom a device was reached."},
              "failed": {"type": "integer", "minimum": 0, "description": "Users of whom none will be."},
              "queued": {"type": "integer", "minimum": 1, "description": "Users still under way; given where there are any."},
              "cancelled": {"type": "integer", "minimum": 1, "description": "Users for whom it was withdrawn meanwhile; given where there are any."},
              "sent_at": {"$ref": "Time", "description": "When the batch was answered for."},
              "failures": {"type": "array", "minItems": 1, "maxItems": 10000, "description": "Who was not reached, and why; given where there is anyone.", "items": {"type": "object", "properties": {
                "user_id": {"type": ["string", "null"], "description": "The user; null where the id was no text."},
                "notification_id": {"type": ["string", "null"], "pattern": "^notif-[0-9A-Za-z]+$", "description": "The notification; null where the id was not valid."},
                "error": {"type": "string", "description": "Why."}}}}}},
            "RegisteredToken": {"type": "object", "description": "A device as it is registered.", "properties": {
              "id": {"type": "string", "pattern": "^dtoken-[0-9A-Za-z]+$", "description": "The registration's id."},
              "user_id": {"type": "string", "description": "Whose device it is."},
              "token": {"type": "string", "description": "Its token."},
              "platform": {"$ref": "Platform"},
              "registered_at": {"$ref": "Time", "description": "When it was registered."}}},
            "RemovedToken": {"type": "object", "description": "A device that is forgotten.", "properties": {
              "deleted": {"type": "boolean", "const": true, "description": "Always true."},
              "token": {"type": "string", "description": "Its token."},
              "user_id": {"type": "string", "description": "Whose it was."}}}
          }
        }
        """#)
}
