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
            "credential": {"name": "credential", "in": "query", "required": false, "description": "Only deliveries with the credential of this name, whichever org's it is. Looks at each delivery: narrow it by time or state as well.",
              "schema": "ID", "example": "main"},
            "reason": {"name": "reason", "in": "query", "required": false, "description": "Only deliveries whose last answer had this reason, to the letter. Quick with `state=failed`; otherwise it looks at each delivery.",
              "schema": "ID", "example": "Unregistered"},
            "format": {"name": "format", "in": "query", "required": false, "description": "A JSON object a line, or CSV with a header.",
              "schema": {"type": "string", "enum": ["ndjson", "csv"], "default": "ndjson"}, "example": "csv"},
            "export-limit": {"name": "limit", "in": "query", "required": false, "description": "So many lines at most; all of them unless given.",
              "schema": {"type": "integer", "minimum": 1, "maximum": 10000000}, "example": 1000},
            "export-cursor": {"name": "cursor", "in": "query", "required": false, "description": "Goes on behind this delivery: the last one of an export that broke off, or had a limit.",
              "schema": {"type": "string", "pattern": "^dlv_[0-6][0-9A-Za-z]{21}$"}, "example": "dlv_0351EDtz9RIHHn5KCSH08x"},
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
              "parameters": ["page", "limit", "cursor", "from", "to", "notification_id", "user_id", "org_id", "provider", "credential", "state", "reason"],
              "answers": {"200": {"description": "A page of the log.", "list": "Delivery", "example": {
                "data": [{"id": "dlv_0351EDtz9RIHHn5KCSH08x", "notification_id": "msg_0351EDtz9bTyw4YrBoV2dN", "org_id": "org_demo", "user_id": null, "channel": "email",
                  "provider": "smtp", "credential": "main", "target": "a…@example.org", "state": "delivered", "attempts": 1, "next_attempt_at": null,
                  "provider_message_id": "3R8QJB96JQ424", "reason": "2.0.0", "error": null, "created_at": "2026-11-21T03:55:19Z", "expires_at": null,
                  "settled_at": "2026-11-21T03:55:19Z"}],
                "pagination": {"page": 1, "limit": 20, "total": 1}}}}
            },
            "GET /api/v1/deliveries/export": {
              "id": "exportDeliveries", "summary": "The delivery log as a file",
              "description": "What the list's filters let through, newest first, a line each: streamed, however much there is. Targets are masked; in CSV, text that a spreadsheet would take for a formula gets an apostrophe in front. A connection that ends without the last chunk was cut short.",
              "parameters": ["format", "export-limit", "export-cursor", "from", "to", "notification_id", "user_id", "org_id", "provider", "credential", "state", "reason"],
              "answers": {"200": {"description": "The lines.", "content": {
                "application/x-ndjson": {"schema": {"type": "string"}, "example":
                  "{\"id\":\"dlv_0351EDtz9RIHHn5KCSH08x\",\"notification_id\":\"msg_0351EDtz9bTyw4YrBoV2dN\",\"org_id\":\"org_demo\",\"user_id\":null,\"channel\":\"email\",\"provider\":\"smtp\",\"credential\":\"main\",\"target\":\"a…@example.org\",\"state\":\"delivered\",\"attempts\":1,\"next_attempt_at\":null,\"provider_message_id\":\"3R8QJB96JQ424\",\"reason\":\"2.0.0\",\"error\":null,\"created_at\":\"2026-11-21T03:55:19Z\",\"expires_at\":null,\"settled_at\":\"2026-11-21T03:55:19Z\"}\n"},
                "text/csv": {"schema": {"type": "string"}, "example":
                  "id,notification_id,org_id,user_id,channel,provider,credential,target,state,attempts,next_attempt_at,provider_message_id,reason,error,created_at,expires_at,settled_at\r\n"}}}}
            },
            "POST /api/v1/deliveries/retry": {
              "id": "retryDeliveries", "summary": "Try failed deliveries again, by filter",
              "description": "Queues what the filters let through again at once, newest first, up to `limit`; the same call with the answer's `cursor` goes on. In small steps beside running sends: a delivery is changed only while it is failed, so a call that broke off is simply made again. With `dry_run` it tells what it would do, by the same rules, and changes nothing.",
              "body": {"schema": "ManyRetried", "examples": {
                "dry": {"provider": "fcm", "reason": "UNAVAILABLE", "from": "2026-11-20T00:00:00Z", "to": "2026-11-22T00:00:00Z", "dry_run": true},
                "narrow": {"notification_id": "msg_0351EDtz9bTyw4YrBoV2dN", "user_id": "usr_4bc8d2", "org_id": "org_default", "credential": "main", "state": "failed",
                  "limit": 10000, "cursor": "dlv_0351EDtz9RIHHn5KCSH08x"},
                "all": {"all": true}}},
              "answers": {"200": {"description": "What was done, or would be.", "schema": "ManyDone", "example":
                {"operation": "retry", "dry_run": true, "matched": 3, "eligible": 2, "changed": 0, "skipped": [{"why": "expired", "count": 1}],
                 "groups": [{"state": "failed", "provider": "fcm", "reason": "UNAVAILABLE", "count": 3}], "sample": [], "cursor": null}}}
            },
            "POST /api/v1/deliveries/cancel": {
              "id": "cancelDeliveries", "summary": "Withdraw queued deliveries, by filter",
              "description": "Withdraws what the filters let through, newest first, up to `limit`; the same call with the answer's `cursor` goes on. Whichever of cancel and send comes first wins, for each delivery. With `dry_run` it tells what it would do, and changes nothing.",
              "body": {"schema": "ManyCancelled", "examples": {
                "dry": {"provider": "smtp", "reason": "4.7.1", "from": "2026-11-20T00:00:00Z", "to": "2026-11-22T00:00:00Z", "dry_run": true},
                "narrow": {"notification_id": "msg_0351EDtz9bTyw4YrBoV2dN", "user_id": "usr_4bc8d2", "org_id": "org_default", "credential": "main", "state": "queued",
                  "limit": 10000, "cursor": "dlv_0351EDtz9RIHHn5KCSH08x"},
                "all": {"all": true}}},
              "answers": {"200": {"description": "What was done, or would be.", "schema": "ManyDone", "example":
                {"operation": "cancel", "dry_run": false, "matched": 2, "eligible": 2, "changed": 2, "skipped": [],
                 "groups": [{"state": "queued", "provider": "smtp", "reason": null, "count": 2}], "sample": [], "cursor": null}}}
            },
            "GET /api/v1/deliveries/:id": {
              "id": "getDelivery", "summary": "The story of a delivery",
              "description": "Why it did or did not arrive, in one answer: a sentence, what to do about it, all that happened in the order of time with the rule that judged each attempt, what comes next, and how its lane is.",
              "parameters": ["delivery-id"],
              "answers": {"200": {"description": "The story.", "schema": "DeliveryStory", "example":
                {"summary": "Waiting: the provider said when to come back (503 UNAVAILABLE); next try at 2026-11-21T04:05:19Z.", "remedy": null,
                 "id": "dlv_0351EDrbB66LGJv6akugxf", "notification_id": "notif_0351EDrbAzQ3mXpYkWvT1c", "org_id": "org_demo", "user_id": "ada", "channel": "push",
                 "provider": "fcm", "credential": "main", "target": "dQw4w9…", "state": "queued", "attempts": 1, "next_attempt_at": "2026-11-21T04:05:19Z",
                 "provider_message_id": null, "reason": "UNAVAILABLE", "error": "FCM could not take the message yet (UNAVAILABLE, 503)", "created_at": "2026-11-21T03:55:19Z",
                 "expires_at": null, "settled_at": null,
                 "timeline": [
                   {"at": "2026-11-21T03:55:19Z", "event": "accepted", "contract": "push-dispatcher", "targets": 1,
                    "detail": "one target for ada, by fcm with the credential org_demo/fcm/main"},
                   {"at": "2026-11-21T03:55:19Z", "event": "queued"},
                   {"at": "2026-11-21T03:55:19Z", "event": "attempt", "number": 1, "waited_ms": 3, "waited_for": null, "duration_ms": 84, "outcome": "deferred",
                    "rule": "fcm.503.UNAVAILABLE", "rule_says": "FCM is overloaded or not available", "meaning": "The message was not taken, and may be taken later.",
                    "status": 503, "reason": "UNAVAILABLE", "detail": "The service is currently unavailable.", "next_attempt_at": "2026-11-21T04:05:19Z",
                    "next_reason": "retry_after"},
                   {"at": "2026-11-21T04:05:19Z", "event": "next_attempt", "reason": "retry_after", "detail": "the provider said when to come back"}],
                 "lane": {"org_id": "org_demo", "provider": "fcm", "credential": "main", "state": "open", "in_flight": 0, "waiting": 0, "has_backlog": false}}}}
            },
            "POST /api/v1/deliveries/:id/retry": {
              "id": "retryDelivery", "summary": "Try a failed delivery again", "description": "Queues it at once, for as many attempts as a new one has. What was attempted stays in its story.",
              "parameters": ["delivery-id"],
              "answers": {"200": {"description": "The delivery as it stands now.", "schema": "Delivery", "example":
                {"id": "dlv_0351EDtz9RIHHn5KCSH08x", "notification_id": "msg_0351EDtz9bTyw4YrBoV2dN", "org_id": "org_demo", "user_id": null, "channel": "email",
                 "provider": "smtp", "credential": "main", "target": "a…@example.org", "state": "queued", "attempts": 12, "next_attempt_at": "2026-11-21T03:55:19Z",
                 "provider_message_id": null, "reason": "timeout", "error": null, "created_at": "2026-11-20T03:55:19Z", "expires_at": null, "settled_at": null}}},
              "problems": {"409": "It is not failed, its deadline has passed, its address is suppressed, no credential serves it, or a request with the same `Idempotency-Key` is still running."}
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
            "ManyRetried": {"type": "object", "description": "Which failed deliveries.",
              "anyOf": [
                {"required": ["notification_id"]}, {"required": ["user_id"]}, {"required": ["org_id"]}, {"required": ["provider"]}, {"required": ["credential"]}, {"required": ["reason"]}, {"required": ["from"]}, {"required": ["to"]},
                {"required": ["all"], "properties": {"all": {"const": true}}}, {"required": ["dry_run"], "properties": {"dry_run": {"const": true}}}],
              "spread": ["DeliveryFilters"], "properties": {
              "state": {"type": "string", "enum": ["failed"], "description": "No other can be retried."}}},
            "ManyCancelled": {"type": "object", "description": "Which queued deliveries.",
              "anyOf": [
                {"required": ["notification_id"]}, {"required": ["user_id"]}, {"required": ["org_id"]}, {"required": ["provider"]}, {"required": ["credential"]}, {"required": ["reason"]}, {"required": ["from"]}, {"required": ["to"]},
                {"required": ["all"], "properties": {"all": {"const": true}}}, {"required": ["dry_run"], "properties": {"dry_run": {"const": true}}}],
              "spread": ["DeliveryFilters"], "properties": {
              "state": {"type": "string", "enum": ["queued"], "description": "No other can be withdrawn."}}},
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
            "DeliveryFilters": {
              "notification_id": {"$ref": "ID", "description": "Only deliveries of this notification."},
              "user_id": {"$ref": "ID", "description": "Only what was for this user."},
              "org_id": {"$ref": "ID", "description": "Only what belongs to this org."},
              "provider": {"$ref": "Provider", "description": "Only deliveries through this provider."},
              "credential": {"$ref": "ID", "description": "Only deliveries with the credential of this name, whichever org's it is."},
              "reason": {"$ref": "ID", "description": "Only deliveries whose last answer had this reason, to the letter."},
              "from": {"type": "string", "format": "date-time", "description": "Only what was created at this time or later."},
              "to": {"type": "string", "format": "date-time", "description": "Only what was created before this time."},
              "all": {"type": "boolean", "description": "Has to be `true` where no filter is given. A filter narrows it."},
              "dry_run": {"type": "boolean", "description": "Tell what would be done, and do nothing."},
              "limit": {"type": "integer", "minimum": 1, "maximum": 100000, "description": "Deliveries to be looked at in this call; 10,000 unless given."},
              "cursor": {"type": "string", "pattern": "^dlv_[0-6][0-9A-Za-z]{21}$", "description": "Goes on where an earlier call ended: the `cursor` of its answer."}
            },
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
            "ManyDone": {"type": "object", "description": "What an operation on many deliveries came to in this call.", "properties": {
              "operation": {"type": "string", "enum": ["retry", "cancel"], "description": "What was done."},
              "dry_run": {"type": "boolean", "description": "Whether nothing was changed."},
              "matched": {"type": "integer", "minimum": 0, "description": "Deliveries that the filters let through."},
              "eligible": {"type": "integer", "minimum": 0, "description": "Of these, those that nothing stands in the way of."},
              "changed": {"type": "integer", "minimum": 0, "description": "Of these, those that were changed; none in a dry run."},
              "skipped": {"type": "array", "description": "The others, by what stands in their way.", "items": {"type": "object", "properties": {
                "why": {"type": "string", "enum": ["expired", "suppressed", "no_credential", "changed_meanwhile"],
                  "description": "`expired`: its deadline has passed; `suppressed`: its address is on the suppression list; `no_credential`: none serves it; `changed_meanwhile`: sent, settled or operated on at the same moment."},
                "count": {"type": "integer", "minimum": 1, "description": "How many."}}}},
              "groups": {"type": "array", "description": "What matched, by state, provider and reason; most first.", "items": {"type": "object", "properties": {
                "state": {"$ref": "DeliveryState"},
                "provider": {"$ref": "Provider"},
                "reason": {"type": ["string", "null"], "description": "The last answer's reason; null for none, and for what is beyond 200 groups."},
                "count": {"type": "integer", "minimum": 1, "description": "How many."}}}},
              "sample": {"type": "array", "maxItems": 5, "description": "The first of those that are eligible, as they stood before.", "items": "Delivery"},
              "cursor": {"type": ["string", "null"], "description": "What the next call goes on with; null when all have been seen."}}},
            "DeliveryStory": {"type": "object", "description": "A delivery with all that happened to it.", "spread": ["Delivery"], "properties": {
              "summary": {"type": "string", "description": "Why it did or did not arrive, in a sentence."},
              "remedy": {"type": ["string", "null"], "description": "What a person can do about it; null where there is nothing to do."},
              "timeline": {"type": "array", "minItems": 1, "description": "What happened, in the order of time, and at the end what is due.", "items": {"oneOf": ["AcceptedEvent", "AttemptEvent", "ReceiptEvent", "DeliveryEvent"]}},
              "lane": {"$ref": "Lane"}}},
            "AcceptedEvent": {"type": "object", "description": "The delivery became durable.", "properties": {
              "at": {"$ref": "Time", "description": "When."},
              "event": {"type": "string", "const": "accepted", "description": "Always `accepted`."},
              "contract": {"type": ["string", "null"], "description": "Through which contract its notification came."},
              "targets": {"type": "integer", "minimum": 0, "description": "Targets that its notification is for, this one included."},
              "detail": {"type": "string", "description": "What was decided on it."}}},
            "DeliveryEvent": {"type": "object", "description": "Something that happened or is due.", "optional": ["detail", "reason", "actor"], "properties": {
              "at": {"$ref": "TimeOrNull", "description": "When; null where no time is known."},
              "event": {"type": "string", "enum": ["queued", "refused", "retried", "cancelled", "handed_back", "next_attempt", "sending", "awaiting_receipt", "delivered", "failed"],
                "description": "`refused`: failed at acceptance, before anything was tried; `retried`: queued again by a person; `handed_back`: the gateway that was sending it died; `awaiting_receipt`: when Expo is asked next. The others are as they say."},
              "actor": {"type": ["string", "null"], "description": "Whose doing it was: an API key's id, a token's subject or a gateway; null where nobody said who it is."},
              "reason": {"type": ["string", "null"], "description": "Why, in a word."},
              "detail": {"type": ["string", "null"], "description": "Why, in a clause."}}},
            "ReceiptEvent": {"type": "object", "description": "Expo's receipt, which says that the message was not taken on.", "properties": {
              "at": {"$ref": "Time", "description": "When it was read."},
              "event": {"type": "string", "const": "receipt", "description": "Always `receipt`."},
              "outcome": {"$ref": "Outcome"},
              "rule": {"type": "string", "description": "The rule that judged it."},
              "rule_says": {"type": ["string", "null"], "description": "The rule in plain words; null for one that this gateway does not know."},
              "meaning": {"type": ["string", "null"], "description": "What it means for the delivery, in a sentence."},
              "reason": {"type": ["string", "null"], "description": "Expo's word for it."},
              "detail": {"type": ["string", "null"], "description": "Expo's text, without tokens."},
              "next_attempt_at": {"$ref": "TimeOrNull", "description": "When the next attempt was due after this."},
              "next_reason": {"$ref": "NextReason"}}},
            "Outcome": {"type": "string", "enum": ["accepted", "awaiting_receipt", "deferred", "refreshed", "other_version", "rejected", "misbuilt", "recipient_gone", "credential_refused", "split", "unknown"],
              "description": "What the answer means for the delivery. `other_version`: during a rotation, one version of the credential was refused, and the next attempt goes out with the other."},
            "NextReason": {"type": ["string", "null"], "enum": ["backoff", "retry_after", "provider_minimum", "target_busy", "lane_throttled", "provider_down", "credential_refused", "at_once", null],
              "description": "Why the next attempt came when it did. `backoff`: our own patience; `retry_after`: the provider named the time; `provider_minimum`: the provider documents a least wait; `target_busy`: this one device or mailbox got too much; `lane_throttled`: the whole lane was slowed down; `provider_down`; `credential_refused`: the lane was paused until that is mended; `at_once`: with a fresh connection, another version or a smaller batch; null where there was no next one."},
            "AttemptEvent": {"type": "object", "description": "An attempt, and how it was judged.", "properties": {
              "at": {"$ref": "Time", "description": "When it began."},
              "event": {"type": "string", "const": "attempt", "description": "Always `attempt`."},
              "number": {"type": "integer", "minimum": 1, "description": "The how-manieth it was."},
              "waited_ms": {"type": "integer", "minimum": 0, "description": "How long it had been due when it began, in milliseconds: its turn in the lane, and the lane's own pauses."},
              "waited_for": {"type": ["string", "null"], "enum": ["backoff", "retry_after", "provider_minimum", "target_busy", "lane_throttled", "provider_down", "credential_refused", null],
                "description": "Why it had not been due earlier; null where nothing had held it back."},
              "duration_ms": {"type": "integer", "minimum": 0, "description": "How long it took, in milliseconds."},
              "outcome": {"$ref": "Outcome"},
              "rule": {"type": "string", "description": "The rule that judged the answer."},
              "rule_says": {"type": ["string", "null"], "description": "The rule in plain words; null for one that this gateway does not know."},
              "meaning": {"type": ["string", "null"], "description": "What it means for the delivery, in a sentence."},
              "status": {"type": ["integer", "null"], "description": "The provider's HTTP status or SMTP code; null when nothing was answered."},
              "reason": {"type": ["string", "null"], "description": "The provider's word for it, or the gateway's where there was no answer."},
              "detail": {"type": ["string", "null"], "description": "The provider's text, without tokens and addresses."},
              "next_attempt_at": {"$ref": "TimeOrNull", "description": "When the next attempt was due after this one."},
              "next_reason": {"$ref": "NextReason"}}},
            "Lane": {"type": "object", "description": "All that goes through one credential of one provider.", "optional": ["until", "reason", "in_flight", "waiting", "has_backlog", "quota", "guard_rail"], "properties": {
              "org_id": {"type": "string", "description": "The org that owns the credential."},
              "provider": {"$ref": "Provider"},
              "credential": {"type": "string", "description": "The credential's name."},
              "state": {"type": "string", "enum": ["idle", "open", "throttled", "credential_refused", "broken"],
                "description": "`open`: sends; `idle`: has had nothing to send; `throttled`: the provider asked for a pause; `credential_refused`: the provider refuses the credential; `broken`: the provider does not answer."},
              "until": {"$ref": "TimeOrNull", "description": "When it is tried again; given while it pauses."},
              "reason": {"type": "string", "description": "Why it pauses; given while it does for a fault."},
              "in_flight": {"type": "integer", "minimum": 0, "description": "Requests under way; given unless idle."},
              "waiting": {"type": "integer", "minimum": 0, "description": "Deliveries that wait in memory; given unless idle."},
              "has_backlog": {"type": "boolean", "description": "Whether more wait on disk; given unless idle."},
              "quota": {"type": "object", "description": "What the provider limits together, and the lane draws from; given while it has a credential and is not idle.", "properties": {
                "name": {"type": "string", "description": "The project, relay or lane that the limit is for."},
                "rate": {"type": "integer", "minimum": 0, "description": "Messages a second now."},
                "ceiling": {"type": "integer", "minimum": 0, "description": "Messages a second while the provider does not complain."},
                "paused_until": {"$ref": "TimeOrNull", "description": "Until when the provider asked for a pause."},
                "reason": {"type": ["string", "null"], "description": "The provider's word for why it asked for fewer; null once the rate is back at its ceiling."}}},
              "guard_rail": {"type": "object", "description": "Nearly all targets were called dead at once, which speaks of the credential: none dies until the provider reaches one. Given while that lasts.", "properties": {
                "rule": {"type": "string", "description": "The rule that nearly all fell under."},
                "reason": {"type": "string", "description": "The provider's word for it."},
                "since": {"$ref": "Time", "description": "Since when."},
                "verdicts": {"type": "integer", "minimum": 0, "description": "Of so many verdicts in ten minutes …"},
                "alike": {"type": "integer", "minimum": 0, "description": "… so many were of that rule."},
                "revived": {"type": "integer", "minimum": 0, "description": "Tokens that it had killed before and that were made active again."}}}}}
          }
        }
        """#)
}
