extension Deliveries {
    static let openAPI = OpenAPIFragment(
        #"""
        {
          "tag": "deliveries",
          "about": "Direct dispatch to a target that the caller knows, and the log of all deliveries: why something did or did not arrive.",
          "parameters": {
            "delivery-id": {"name": "id", "in": "path", "required": true, "description": "The delivery.",
              "schema": {"type": "string", "minLength": 1}, "example": "dlv_0351EDtz9RIHHn5KCSH08x"},
            "notification_id": {"name": "notification_id", "in": "query", "required": false, "description": "Only deliveries of this notification.",
              "schema": "ID", "example": "msg_0351EDtz9bTyw4YrBoV2dN"},
            "provider": {"name": "provider", "in": "query", "required": false, "description": "Only deliveries through this provider.",
              "schema": "Provider", "example": "smtp"},
            "state": {"name": "state", "in": "query", "required": false, "description": "Only deliveries in this state.",
              "schema": "DeliveryState", "example": "delivered"}
          },
          "operations": {
            "POST /api/v1/deliveries": {
              "id": "dispatch", "summary": "Send to a target that the caller knows",
              "description": "To a user's devices, to one device token or to one mail address. Waits for the outcome as long as the gateway is configured to and the caller prefers.",
              "parameters": ["Prefer"],
              "body": {"schema": {"oneOf": ["DirectMail", "DirectPush"]}, "examples": {
                "mail": {"to": {"email": "ada@example.org"}, "title": "Your week", "body": "You ran 12 km.", "html": "<p>You ran <b>12 km</b>.</p>",
                  "data": {"campaign": "weekly"}, "list_unsubscribe": "https://example.org/unsubscribe/ada", "provider": "smtp", "credential": "main",
                  "expires_at": "2099-01-01T00:00:00Z", "collapse_id": "week", "priority": "normal"},
                "token": {"to": {"token": "dQw4w9WgXcQ:APA91bHdemo", "platform": "android", "app": "com.example.app"}, "title": "Hello", "body": "Are you there?", "data": {"screen": "home"},
                  "provider": "fcm", "credential": "main", "expires_at": "2099-01-01T00:00:00Z", "collapse_id": "hello", "priority": "high"},
                "user": {"to": {"user_id": "usr_4bc8d2"}, "title": "Hello"}}},
              "answers": {
                "201": {"description": "Sent, or failed for good: `status` and `deliveries` tell.", "schema": "Dispatched", "example":
                  {"id": "msg_0351EDtz9bTyw4YrBoV2dN", "user_id": null, "title": "Your week", "body": "You ran 12 km.", "targeted": 1, "delivered_count": 1,
                   "failed_count": 0, "sent_at": "2026-11-21T03:55:19Z", "status": "sent", "deliveries": [
                     {"id": "dlv_0351EDtz9RIHHn5KCSH08x", "notification_id": "msg_0351EDtz9bTyw4YrBoV2dN", "org_id": "org_demo", "user_id": null, "channel": "email",
                      "provider": "smtp", "credential": "main", "target": "a…@example.org", "state": "delivered", "attempts": 1, "next_attempt_at": null,
                      "provider_message_id": "3R8QJB96JQ424", "reason": "2.0.0", "error": null, "created_at": "2026-11-21T03:55:19Z", "expires_at": null,
                      "settled_at": "2026-11-21T03:55:19Z"}]}},
                "202": {"description": "Durable and on its way; nobody was reached yet.", "schema": "Dispatched", "example":
                  {"id": "msg_0351EDtz9bTyw4YrBoV2dN", "user_id": null, "title": "Your week", "body": "You ran 12 km.", "targeted": 1, "delivered_count": 0,
                   "failed_count": 0, "sent_at": null, "status": "queued", "deliveries": null}}},
              "problems": {"404": "The user belongs to an org that the caller does not see, or a repeat came after the record was deleted."}
            },
            "GET /api/v1/deliveries": {
              "id": "listDeliveries", "summary": "The delivery log", "description": "All deliveries of every contract, newest first. Targets are masked.",
              "parameters": ["page", "limit", "cursor", "from", "to", "notification_id", "user_id", "org_id", "provider", "state"],
              "answers": {"200": {"description": "A page of the log.", "list": "Delivery", "example": {
                "data": [{"id": "dlv_0351EDtz9RIHHn5KCSH08x", "notification_id": "msg_0351EDtz9bTyw4YrBoV2dN", "org_id": "org_demo", "user_id": null, "channel": "email",
                  "provider": "smtp", "credential": "main", "target": "a…@example.org", "state": "delivered", "attempts": 1, "next_attempt_at": null,
                  "provider_message_id": "3R8QJB96JQ424", "reason": "2.0.0", "error": null, "created_at": "2026-11-21T03:55:19Z", "expires_at": null,
                  "settled_at": "2026-11-21T03:55:19Z"}],
                "pagination": {"page": 1, "limit": 20, "total": 1}}}}
            },
            "GET /api/v1/deliveries/:id": {
              "id": "getDelivery", "summary": "The story of a delivery",
              "description": "Why it did or did not arrive, in one answer: each attempt with the rule that judged it, what comes next, and how its lane is.",
              "parameters": ["delivery-id"],
              "answers": {"200": {"description": "The story.", "schema": "DeliveryStory", "example":
                {"id": "dlv_0351EDrbB66LGJv6akugxf", "notification_id": "notif_0351EDrbAzQ3mXpYkWvT1c", "org_id": "org_demo", "user_id": "ada", "channel": "push",
                 "provider": "fcm", "credential": "main", "target": "dQw4w9…", "state": "queued", "attempts": 1, "next_attempt_at": "2026-11-21T04:05:19Z",
                 "provider_message_id": null, "reason": "UNAVAILABLE", "error": "fcm is unavailable (503, UNAVAILABLE)", "created_at": "2026-11-21T03:55:19Z",
                 "expires_at": null, "settled_at": null,
                 "timeline": [
                   {"at": "2026-11-21T03:55:19Z", "event": "queued"},
                   {"at": "2026-11-21T03:55:19Z", "event": "attempt", "number": 1, "duration_ms": 84, "outcome": "deferred", "rule": "fcm.503", "status": 503,
                    "reason": "UNAVAILABLE", "detail": "The service is currently unavailable.", "next_attempt_at": "2026-11-21T04:05:19Z"},
                   {"at": "2026-11-21T04:05:19Z", "event": "next_attempt"}],
                 "lane": {"org_id": "org_demo", "provider": "fcm", "credential": "main", "state": "open", "in_flight": 0, "waiting": 0, "has_backlog": false}}}}
            },
            "POST /api/v1/deliveries/:id/retry": {
              "id": "retryDelivery", "summary": "Try a failed delivery again", "description": "Queues it at once, for as many attempts as a new one has. What was attempted stays in its story.",
              "parameters": ["delivery-id"],
              "answers": {"200": {"description": "The delivery as it stands now.", "schema": "Delivery", "example":
                {"id": "dlv_0351EDtz9RIHHn5KCSH08x", "notification_id": "msg_0351EDtz9bTyw4YrBoV2dN", "org_id": "org_demo", "user_id": null, "channel": "email",
                 "provider": "smtp", "credential": "main", "target": "a…@example.org", "state": "queued", "attempts": 12, "next_attempt_at": "2026-11-21T03:55:19Z",
                 "provider_message_id": null, "reason": "timeout", "error": null, "created_at": "2026-11-20T03:55:19Z", "expires_at": null, "settled_at": null}}},
              "problems": {"409": "It is not failed, or a request with the same `Idempotency-Key` is still running."}
            },
            "POST /api/v1/deliveries/:id/cancel": {
              "id": "cancelDelivery", "summary": "Withdraw a queued delivery", "description": "Whichever of cancel and send comes first wins, never both.",
              "parameters": ["delivery-id"],
              "answers": {"200": {"description": "The delivery as it stands now.", "schema": "Delivery", "example":
                {"id": "dlv_0351EDtz9RIHHn5KCSH08x", "notification_id": "msg_0351EDtz9bTyw4YrBoV2dN", "org_id": "org_demo", "user_id": null, "channel": "email",
                 "provider": "smtp", "credential": "main", "target": "a…@example.org", "state": "cancelled", "attempts": 1, "next_attempt_at": null,
                 "provider_message_id": null, "reason": "timeout", "error": null, "created_at": "2026-11-20T03:55:19Z", "expires_at": null,
                 "settled_at": "2026-11-21T03:55:19Z"}}},
              "problems": {"409": "It is not queued, or a request with the same `Idempotency-Key` is still running."}
            }
          },
          "requests": {
            "DirectMail": {"type": "object", "description": "A mail to one address: with a subject, and with text or HTML or both.", "required": ["to", "title"],
              "anyOf": [
                {"required": ["body"], "properties": {"body": {"type": "string", "minLength": 1}}},
                {"required": ["html"], "properties": {"html": {"type": "string", "minLength": 1}}}],
              "spread": ["SendingOptions"], "properties": {
              "to": {"type": "object", "description": "Whom to reach.", "required": ["email"], "properties": {
                "email": {"$ref": "MailAddress"}}},
              "title": {"type": "string", "minLength": 1, "maxLength": 1024, "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]+$", "description": "The subject, on one line."},
              "body": {"type": "string", "maxLength": 16384, "pattern": "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]*$", "description": "The text part. Made from `html` where it is not given."},
              "html": {"type": "string", "maxLength": 262144, "pattern": "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]*$", "description": "The HTML part."},
              "data": {"$ref": "FreeData"},
              "list_unsubscribe": {"type": "string", "maxLength": 2048, "pattern": "^[Hh][Tt][Tt][Pp][Ss]://[!-;=?-~]+$", "description": "An address for one-click unsubscription (RFC 8058)."},
              "provider": {"type": "string", "enum": ["smtp"], "description": "A mail goes through SMTP."}}},
            "DirectPush": {"type": "object", "description": "A push to a user's devices or to one device token.", "required": ["to"],
              "anyOf": [
                {"required": ["title"], "properties": {"title": {"type": "string", "minLength": 1}}},
                {"required": ["body"], "properties": {"body": {"type": "string", "minLength": 1}}},
                {"required": ["data"], "properties": {"data": {"type": "object"}}}],
              "spread": ["SendingOptions"], "properties": {
              "to": {"description": "Whom to reach.", "oneOf": [
                {"type": "object", "required": ["user_id"], "properties": {"user_id": {"$ref": "ID", "description": "All active devices of this user."}}},
                {"type": "object", "required": ["token"], "properties": {
                  "token": {"type": "string", "minLength": 1, "maxLength": 4096, "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]+$", "description": "One device, registered or not."},
                  "platform": {"type": "string", "enum": ["ios", "android", "web"], "description": "What the device runs."},
                  "app": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]+$", "description": "The app that the token belongs to (bundle id, package name, Expo's `@owner/slug`): picks among several credentials of one provider."}}}]},
              "title": {"type": "string", "maxLength": 1024, "pattern": "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]*$", "description": "What stands above."},
              "body": {"type": "string", "maxLength": 16384, "pattern": "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]*$", "description": "What is said."},
              "data": {"$ref": "FreeData"}}}
          },
          "spreads": {
            "Delivery": {
              "id": {"type": "string", "pattern": "^dlv_[0-9A-Za-z]+$", "description": "The delivery's id."},
              "notification_id": {"type": "string", "description": "The notification that it belongs to."},
              "org_id": {"type": "string", "description": "The recipient's org."},
              "user_id": {"type": ["string", "null"], "description": "The recipient; null for a bare token or address."},
              "channel": {"type": "string", "enum": ["push", "email", "in_app"], "description": "How it goes."},
              "provider": {"$ref": "Provider"},
              "credential": {"type": "string", "description": "The name of the credential that it is sent with."},
              "target": {"type": "string", "description": "Where it goes: enough of the token or address to recognise it, too little to use it."},
              "state": {"$ref": "DeliveryState"},
              "attempts": {"type": "integer", "minimum": 0, "description": "Attempts so far."},
              "next_attempt_at": {"$ref": "TimeOrNull", "description": "When it is tried next; null where it is not."},
              "provider_message_id": {"type": ["string", "null"], "description": "What the provider calls it: ticket id, `apns-id`, FCM message name or SMTP queue id."},
              "reason": {"type": ["string", "null"], "description": "The last answer's reason, in the provider's word where it has one."},
              "error": {"type": ["string", "null"], "description": "The last fault in words; null while there was none."},
              "created_at": {"$ref": "Time", "description": "When it became durable."},
              "expires_at": {"$ref": "TimeOrNull", "description": "After this moment no attempt is made any more."},
              "settled_at": {"$ref": "TimeOrNull", "description": "When it got its last state."}
            }
          },
          "schemas": {
            "Provider": {"type": "string", "enum": ["expo", "apns", "fcm", "smtp", "in_app"], "description": "Who carries it."},
            "DeliveryState": {"type": "string", "enum": ["queued", "sending", "sent", "delivered", "failed", "cancelled"],
              "description": "`queued`: waits for its turn or its next attempt; `sending`: under way; `sent`: Expo has taken it, and its receipt is open; `delivered`: the provider has taken responsibility; `failed`: no attempt will follow; `cancelled`: withdrawn."},
            "Delivery": {"type": "object", "description": "One message to one target.", "spread": ["Delivery"], "properties": {}},
            "Dispatched": {"type": "object", "description": "What has become of a message.", "optional": ["error"], "properties": {
              "id": {"type": "string", "pattern": "^msg_[0-9A-Za-z]+$", "description": "The message's id."},
              "user_id": {"type": ["string", "null"], "description": "Whom it is for; null for a bare token or address."},
              "title": {"type": ["string", "null"], "description": "What stands above."},
              "body": {"type": ["string", "null"], "description": "What is said."},
              "targeted": {"type": "integer", "minimum": 0, "description": "Targets that it was meant for."},
              "delivered_count": {"type": "integer", "minimum": 0, "description": "Targets that were reached."},
              "failed_count": {"type": "integer", "minimum": 0, "description": "Targets that will never be."},
              "sent_at": {"$ref": "TimeOrNull", "description": "When it was sent; null while nothing was."},
              "status": {"type": "string", "enum": ["queued", "sent", "failed", "cancelled"], "description": "All targets in one word."},
              "error": {"type": "string", "description": "Why nobody was reached; given where nobody was."},
              "deliveries": {"type": ["array", "null"], "description": "Its deliveries; null when they can't be read at this moment.", "items": "Delivery"}}},
            "DeliveryStory": {"type": "object", "description": "A delivery with all that happened to it.", "spread": ["Delivery"], "properties": {
              "timeline": {"type": "array", "minItems": 1, "description": "What happened, in order.", "items": {"oneOf": ["AttemptEvent", "DeliveryEvent"]}},
              "lane": {"$ref": "Lane"}}},
            "DeliveryEvent": {"type": "object", "description": "Something that happened or is due.", "optional": ["detail"], "properties": {
              "at": {"$ref": "TimeOrNull", "description": "When; null where no time is known."},
              "event": {"type": "string", "enum": ["queued", "next_attempt", "sending", "awaiting_receipt", "delivered", "failed", "cancelled"], "description": "What."},
              "detail": {"type": ["string", "null"], "description": "Why; given with the last event."}}},
            "AttemptEvent": {"type": "object", "description": "An attempt, and how it was judged.", "properties": {
              "at": {"$ref": "Time", "description": "When it began."},
              "event": {"type": "string", "const": "attempt", "description": "Always `attempt`."},
              "number": {"type": "integer", "minimum": 1, "description": "The how-manieth it was."},
              "duration_ms": {"type": "integer", "minimum": 0, "description": "How long it took, in milliseconds."},
              "outcome": {"type": "string", "enum": ["accepted", "awaiting_receipt", "deferred", "refreshed", "other_version", "rejected", "misbuilt", "recipient_gone", "credential_refused", "split", "unknown"],
                "description": "What the answer means for the delivery. `other_version`: during a rotation, one version of the credential was refused, and the next attempt goes out with the other."},
              "rule": {"type": "string", "description": "The rule that judged the answer."},
              "status": {"type": ["integer", "null"], "description": "The provider's HTTP status or SMTP code; null when nothing was answered."},
              "reason": {"type": ["string", "null"], "description": "The provider's word for it, or the gateway's where there was no answer."},
              "detail": {"type": ["string", "null"], "description": "The provider's text, without tokens and addresses."},
              "next_attempt_at": {"$ref": "TimeOrNull", "description": "When the next attempt was due after this one."}}},
            "Lane": {"type": "object", "description": "All that goes through one credential of one provider.", "optional": ["until", "reason", "in_flight", "waiting", "has_backlog"], "properties": {
              "org_id": {"type": "string", "description": "The org that owns the credential."},
              "provider": {"$ref": "Provider"},
              "credential": {"type": "string", "description": "The credential's name."},
              "state": {"type": "string", "enum": ["idle", "open", "throttled", "credential_refused", "broken"],
                "description": "`open`: sends; `idle`: has had nothing to send; `throttled`: the provider asked for a pause; `credential_refused`: the provider refuses the credential; `broken`: the provider does not answer."},
              "until": {"$ref": "TimeOrNull", "description": "When it is tried again; given while it pauses."},
              "reason": {"type": "string", "description": "Why it pauses; given while it does for a fault."},
              "in_flight": {"type": "integer", "minimum": 0, "description": "Requests under way; given unless idle."},
              "waiting": {"type": "integer", "minimum": 0, "description": "Deliveries that wait in memory; given unless idle."},
              "has_backlog": {"type": "boolean", "description": "Whether more wait on disk; given unless idle."}}}
          }
        }
        """#)
}
