extension AdminNotifications {
    static let openAPI = OpenAPIFragment(
        #"""
        {
          "tag": "admin-notifications",
          "about": "Reminders by mail that a certification is about to expire, to one or to a whole org, and the log of these dispatches.",
          "parameters": {
            "dispatch-id": {"name": "id", "in": "path", "required": true, "description": "The dispatch.", "schema": {"type": "string", "minLength": 1}, "example": "dsp_aR2mQn"},
            "dispatch-type": {"name": "type", "in": "query", "required": false, "description": "Only dispatches of this sort.", "schema": "ID", "example": "certification_reminder"},
            "recipient_user_id": {"name": "recipient_user_id", "in": "query", "required": false, "description": "Only dispatches to this user.", "schema": "ID", "example": "usr_hA3mXp"},
            "dispatch-status": {"name": "status", "in": "query", "required": false, "description": "Only dispatches with this status.",
              "schema": {"type": "string", "enum": ["queued", "delivered", "failed", "cancelled"]}, "example": "delivered"}
          },
          "operations": {
            "GET /api/v1/admin/notifications": {
              "id": "listDispatches", "summary": "List notification dispatch log entries", "description": "Newest first.",
              "parameters": ["page", "limit", "cursor", "from", "to", "org_id", "dispatch-type", "recipient_user_id", "dispatch-status"],
              "answers": {"200": {"description": "A page of the log.", "list": "DispatchEntry", "example": {
                "data": [
                  {"dispatch_id": "dsp_aR2mQn", "org_id": "org_kNr8aQ", "type": "certification_reminder", "recipient_user_id": "usr_hA3mXp", "status": "delivered", "sent_at": "2026-03-20T08:00:00Z"},
                  {"dispatch_id": "dsp_bC5tPk", "org_id": "org_kNr8aQ", "type": "certification_reminder", "recipient_user_id": "usr_bQ9vTk", "status": "failed", "sent_at": "2026-03-20T08:00:01Z", "error": "Email address not verified"}],
                "pagination": {"page": 1, "limit": 20, "total": 38}}}}
            },
            "GET /api/v1/admin/notifications/:id": {
              "id": "getDispatch", "summary": "Get details of a single dispatch event", "description": "The dispatch with the subject of its mail.",
              "parameters": ["dispatch-id"],
              "answers": {"200": {"description": "The dispatch.", "schema": "DispatchRecord", "example":
                {"data": {"dispatch_id": "dsp_aR2mQn", "org_id": "org_kNr8aQ", "type": "certification_reminder", "recipient_user_id": "usr_hA3mXp", "status": "delivered",
                  "subject": "Your certification expires in 30 days", "sent_at": "2026-03-20T08:00:00Z", "delivered_at": "2026-03-20T08:00:03Z"}}}}
            },
            "POST /api/v1/admin/notifications/certification-reminder": {
              "id": "remind", "summary": "Send a certification reminder to a single user",
              "description": "A mail to the user's address, in the user's language, about the certification that expires soonest. Answered as soon as it is durable.",
              "parameters": ["Prefer"],
              "body": {"schema": "Reminder", "examples": {
                "admin-notifications": {"user_id": "usr_hA3mXp"},
                "admin-notifications-options": {"user_id": "usr_hA3mXp", "provider": "smtp", "credential": "main", "expires_at": "2099-01-01T00:00:00Z", "collapse_id": "certification", "priority": "normal"}}},
              "answers": {
                "201": {"description": "It has failed already: the user has no address, or none that is verified. It is in the log, with its `error`.", "schema": "ReminderDispatch", "example":
                  {"data": {"dispatch_id": "dsp_bC5tPk", "user_id": "usr_bQ9vTk", "type": "certification_reminder", "status": "failed", "queued_at": "2026-03-26T11:00:00Z", "error": "Email address not verified"}}},
                "202": {"description": "Durable and on its way.", "schema": "ReminderDispatch", "example":
                  {"data": {"dispatch_id": "dsp_xP8nKv", "user_id": "usr_hA3mXp", "type": "certification_reminder", "status": "queued", "queued_at": "2026-03-26T11:00:00Z"}}}},
              "problems": {"404": "The directory knows no such user, or none that the caller sees.", "422": "The request is not valid, or the user has no certification on file that is still to expire."}
            },
            "POST /api/v1/admin/notifications/bulk-certification-reminders": {
              "id": "remindAll", "summary": "Send bulk certification reminders to all users in org whose cert expires within N days",
              "description": "Reminds everyone whose soonest certification expires between today and `days_threshold` days from now, each once. Repeating a call that was interrupted, with its `Idempotency-Key`, carries it on where it stood, and nobody gets two.",
              "body": {"schema": "BulkReminder", "examples": {
                "admin-notifications": {"org_id": "org_kNr8aQ", "days_threshold": 30, "include_sub_orgs": true},
                "admin-notifications-options": {"org_id": "org_kNr8aQ", "days_threshold": 30, "provider": "smtp", "credential": "main", "expires_at": "2099-01-01T00:00:00Z", "collapse_id": "certification", "priority": "normal"}}},
              "answers": {"200": {"description": "What it came to: `total_eligible` is `dispatched` and `failed` together.", "schema": "BulkResult", "example":
                {"data": {"org_id": "org_kNr8aQ", "days_threshold": 30, "total_eligible": 12, "dispatched": 12, "failed": 0, "dispatch_ids": ["dsp_xP8nKv", "dsp_yQ9oLw"], "dispatched_at": "2026-03-26T11:00:05Z"}}}},
              "problems": {"404": "There is no such org, or none that the caller sees."}
            },
            "PUT /api/v1/admin/notifications/:id": {
              "id": "actOnDispatch", "summary": "Retry or update a failed dispatch event", "description": "Queues a failed dispatch again, to the address that the user has now. What was attempted stays in its deliveries.",
              "parameters": ["dispatch-id"],
              "body": {"schema": "DispatchAction", "example": {"action": "retry"}},
              "answers": {"200": {"description": "It is queued again.", "schema": "RetriedDispatch", "example":
                {"data": {"dispatch_id": "dsp_bC5tPk", "status": "queued", "retried_at": "2026-03-26T11:05:00Z"}}}},
              "problems": {"409": "It is not failed, or would only fail again."}
            },
            "DELETE /api/v1/admin/notifications/:id": {
              "id": "cancelDispatch", "summary": "Cancel a queued notification dispatch", "description": "Whichever of cancel and send comes first wins, never both.",
              "parameters": ["dispatch-id"],
              "answers": {"200": {"description": "It is cancelled.", "schema": "CancelledDispatch", "example":
                {"data": {"dispatch_id": "dsp_xP8nKv", "status": "cancelled", "cancelled_at": "2026-03-26T11:01:00Z"}}}},
              "problems": {"409": "It is not queued any more."}
            }
          },
          "spreads": {
            "DispatchHead": {
              "dispatch_id": {"type": "string", "pattern": "^dsp_[0-9A-Za-z]+$", "description": "The dispatch's id."},
              "org_id": {"type": "string", "description": "The recipient's org."},
              "type": {"type": "string", "description": "What sort of dispatch it is."},
              "recipient_user_id": {"type": "string", "description": "Whom it is for."},
              "status": {"$ref": "DispatchStatus"},
              "sent_at": {"$ref": "TimeOrNull", "description": "When it was sent, or would have been; null while it is queued."},
              "error": {"type": "string", "description": "Why it failed; given where it did."}
            },
            "MailOptions": {
              "provider": {"type": "string", "enum": ["smtp"], "description": "A mail goes through SMTP."}
            }
          },
          "requests": {
            "Reminder": {"type": "object", "description": "Whom to remind.", "required": ["user_id"], "spread": ["MailOptions", "SendingOptions"], "properties": {
              "user_id": {"$ref": "ID", "description": "A user whom the directory knows."}}},
            "BulkReminder": {"type": "object", "description": "Whom to remind.", "required": ["org_id", "days_threshold"], "spread": ["MailOptions", "SendingOptions"], "properties": {
              "org_id": {"$ref": "ID", "description": "Whose users."},
              "days_threshold": {"type": "integer", "minimum": 0, "maximum": 365, "description": "In how many days a certification expires at the latest; 0 means today. Days are those of the calendar, in UTC."},
              "include_sub_orgs": {"type": "boolean", "default": false, "description": "Whether the orgs below it are meant as well."},
              "priority": {"type": "string", "enum": ["normal", "high"], "default": "normal", "description": "`normal` waits behind what is sent to single people."}}},
            "DispatchAction": {"type": "object", "description": "What to do with it.", "required": ["action"], "properties": {
              "action": {"type": "string", "enum": ["retry"], "description": "Try it again."}}}
          },
          "schemas": {
            "DispatchStatus": {"type": "string", "enum": ["queued", "delivered", "failed", "cancelled"],
              "description": "`queued`: on its way; `delivered`: the relay has taken it; `failed`: no attempt will follow; `cancelled`: withdrawn."},
            "DispatchEntry": {"type": "object", "description": "A dispatch in the log.", "optional": ["error"], "spread": ["DispatchHead"], "properties": {}},
            "DispatchRecord": {"type": "object", "description": "A dispatch.", "properties": {
              "data": {"type": "object", "description": "The dispatch with all that is known of it.", "optional": ["error"], "spread": ["DispatchHead"], "properties": {
                "subject": {"type": ["string", "null"], "description": "The mail's subject."},
                "delivered_at": {"$ref": "TimeOrNull", "description": "When the relay took it."}}}}},
            "ReminderDispatch": {"type": "object", "description": "A reminder that was asked for.", "properties": {
              "data": {"type": "object", "description": "The dispatch.", "optional": ["error"], "properties": {
                "dispatch_id": {"type": "string", "pattern": "^dsp_[0-9A-Za-z]+$", "description": "The dispatch's id."},
                "user_id": {"type": "string", "description": "Whom it is for."},
                "type": {"type": "string", "description": "What sort of dispatch it is."},
                "status": {"$ref": "DispatchStatus"},
                "queued_at": {"$ref": "Time", "description": "When it became durable."},
                "error": {"type": "string", "description": "Why it failed; given where it did."}}}}},
            "BulkResult": {"type": "object", "description": "What a bulk came to.", "properties": {
              "data": {"type": "object", "description": "Its counts and its dispatches.", "properties": {
                "org_id": {"type": "string", "description": "Whose users."},
                "days_threshold": {"type": "integer", "minimum": 0, "maximum": 365, "description": "In how many days a certification expires at the latest."},
                "total_eligible": {"type": "integer", "minimum": 0, "description": "Users whom it was for."},
                "dispatched": {"type": "integer", "minimum": 0, "description": "Users to whom a mail is on its way."},
                "failed": {"type": "integer", "minimum": 0, "description": "Users to whom none can be sent; the log says why."},
                "dispatch_ids": {"type": "array", "description": "The dispatches of both.", "items": {"type": "string", "pattern": "^dsp_[0-9A-Za-z]+$"}},
                "dispatched_at": {"$ref": "Time", "description": "When all of them were durable."}}}}},
            "RetriedDispatch": {"type": "object", "description": "A dispatch after a retry.", "properties": {
              "data": {"type": "object", "description": "What stands now.", "properties": {
                "dispatch_id": {"type": "string", "pattern": "^dsp_[0-9A-Za-z]+$", "description": "The dispatch's id."},
                "status": {"type": "string", "const": "queued", "description": "Always `queued`."},
                "retried_at": {"$ref": "Time", "description": "When."}}}}},
            "CancelledDispatch": {"type": "object", "description": "A dispatch that was cancelled.", "properties": {
              "data": {"type": "object", "description": "What stands now.", "properties": {
                "dispatch_id": {"type": "string", "pattern": "^dsp_[0-9A-Za-z]+$", "description": "The dispatch's id."},
                "status": {"type": "string", "const": "cancelled", "description": "Always `cancelled`."},
                "cancelled_at": {"$ref": "Time", "description": "When."}}}}}
          }
        }
        """#)
}
