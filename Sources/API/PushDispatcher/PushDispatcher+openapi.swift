extension PushDispatcher {
    static let openAPI = OpenAPIFragment(
        #"""
        {
          "tag": "push-dispatcher",
          "about": "Push to a user's devices, answered with the outcome; the log of what was sent; the registered devices.",
          "parameters": {
            "push-dispatcher-status": {"name": "status", "in": "query", "required": false, "description": "Only notifications with this status.",
              "schema": {"type": "string", "enum": ["queued", "sent", "failed", "cancelled", "retried", "resolved"]}, "example": "sent"},
            "scenario_id": {"name": "scenario_id", "in": "query", "required": false, "description": "Only notifications of this scenario.",
              "schema": "ID", "example": "missed_activity_3day"},
            "prompt_id": {"name": "prompt_id", "in": "query", "required": false, "description": "Only notifications made from this prompt.",
              "schema": "ID", "example": "ph_9c1d4e"}
          },
          "operations": {
            "GET /api/v1/notifications": {
              "id": "listNotifications", "summary": "List dispatched notifications with delivery status",
              "description": "Newest first, over both contracts of this path. A filter that only this contract has leaves the other's notifications out.",
              "parameters": ["page", "limit", "cursor", "from", "to", "contract", "user_id", "push-dispatcher-status", "scenario_id", "prompt_id"],
              "answers": {"200": {"description": "A page of the list.", "list": "PushDispatcherEntry", "example": {
                "data": [{"id": "notif_d1e2f3", "user_id": "usr_4bc8d2", "title": "Time to log your run!",
                  "body": "You haven't recorded an activity in 3 days. Keep your training on track.", "scenario_id": "missed_activity_3day",
                  "prompt_id": "ph_9c1d4e", "device_tokens_targeted": 2, "delivered_count": 2, "failed_count": 0, "sent_at": "2026-03-26T08:00:00Z",
                  "status": "sent"}],
                "pagination": {"page": 1, "limit": 20, "total": 312}}}}
            },
            "POST /api/v1/notifications": {
              "id": "sendNotification", "summary": "Dispatch a push notification to a single user",
              "description": "Reaches every active device of the user, and waits for the outcome as long as the gateway is configured to and the caller prefers. `user_id` makes the call one of this contract; with `recipient_ids` it is one of coordinator-notifications, and both or neither is refused.",
              "parameters": ["Prefer"],
              "body": {"schema": "PushDispatcherCall", "examples": {
                "push-dispatcher": {"user_id": "usr_4bc8d2", "title": "Time to log your run!",
                  "body": "You haven't recorded an activity in 3 days. Keep your training on track.",
                  "data": {"deep_link": "eirapp://wizard/activity?scenario=missed_activity_3day&activity_id=act_7e2f9a&chapter_id=ch_boston_001", "prompt_id": "ph_9c1d4e", "scenario_id": "missed_activity_3day"},
                  "prompt_id": "ph_9c1d4e", "scenario_id": "missed_activity_3day"},
                "push-dispatcher-options": {"user_id": "usr_4bc8d2", "title": "Your weekly goal", "body": "5 km to go.", "provider": "fcm", "credential": "main",
                  "expires_at": "2099-01-01T00:00:00Z", "collapse_id": "weekly-goal", "priority": "normal"}}},
              "answers": {
                "201": {"description": "Sent, or failed for good: `status` and the counts tell.", "schema": "PushDispatcherDispatch", "example":
                  {"id": "notif_d1e2f3", "user_id": "usr_4bc8d2", "title": "Time to log your run!",
                   "body": "You haven't recorded an activity in 3 days. Keep your training on track.", "device_tokens_targeted": 1, "delivered_count": 1,
                   "failed_count": 0, "sent_at": "2026-03-26T08:00:00Z", "status": "sent"}},
                "202": {"description": "Durable and on its way; nobody was reached yet.", "schema": "PushDispatcherDispatch", "example":
                  {"id": "notif_d1e2f3", "user_id": "usr_4bc8d2", "title": "Time to log your run!",
                   "body": "You haven't recorded an activity in 3 days. Keep your training on track.", "device_tokens_targeted": 1, "delivered_count": 0,
                   "failed_count": 0, "sent_at": null, "status": "queued"}}},
              "problems": {"404": "The user belongs to an org that the caller does not see, or a repeat came after the record was deleted."}
            },
            "GET /api/v1/notifications/:id": {
              "id": "getNotification", "summary": "Fetch a single notification dispatch record",
              "description": "The notification with its data and the device tokens that it was meant for.",
              "parameters": ["notification-id"],
              "answers": {"200": {"description": "The notification, in the shape of its contract.", "schema": "PushDispatcherRecord", "example":
                {"id": "notif_d1e2f3", "user_id": "usr_4bc8d2", "title": "Time to log your run!",
                 "body": "You haven't recorded an activity in 3 days. Keep your training on track.",
                 "data": {"deep_link": "eirapp://wizard/activity?scenario=missed_activity_3day&activity_id=act_7e2f9a&chapter_id=ch_boston_001", "prompt_id": "ph_9c1d4e", "scenario_id": "missed_activity_3day"},
                 "scenario_id": "missed_activity_3day", "prompt_id": "ph_9c1d4e", "device_tokens": ["ExponentPushToken[xxxxxxxxxxxxxxxxxxxxxx]"],
                 "delivered_count": 1, "failed_count": 0, "sent_at": "2026-03-26T08:00:00Z", "status": "sent"}}}
            },
            "PUT /api/v1/notifications/:id": {
              "id": "updateNotification", "summary": "Update a notification record",
              "description": "States what has become of it beyond the gateway, and notes why. Sends nothing.",
              "parameters": ["notification-id"],
              "body": {"schema": "PushDispatcherChange", "example": {"status": "retried", "retry_note": "Re-sent after token refresh."}},
              "answers": {"200": {"description": "What stands now.", "schema": "PushDispatcherChanged", "example":
                {"id": "notif_d1e2f3", "status": "retried", "retry_note": "Re-sent after token refresh.", "updated_at": "2026-03-26T08:05:00Z"}}}
            },
            "DELETE /api/v1/notifications/:id": {
              "id": "deleteNotification", "summary": "Delete a notification dispatch record",
              "description": "Takes it out of every list. What of it is still queued is cancelled first.",
              "parameters": ["notification-id"],
              "answers": {"200": {"description": "It is gone.", "schema": "Deleted", "example": {"deleted": true, "id": "notif_d1e2f3"}}}
            },
            "POST /api/v1/notifications/batch": {
              "id": "sendNotificationBatch", "summary": "Dispatch push notifications to multiple users in one call",
              "description": "At most 1,000 targets. A target that can't be sent to fails alone and says why; the call is refused only when not a single target is valid.",
              "parameters": ["Prefer"],
              "body": {"schema": "PushDispatcherBatch", "examples": {
                "push-dispatcher": {"targets": [
                  {"user_id": "usr_4bc8d2", "title": "Time to log your run!", "body": "You haven't recorded an activity in 3 days.",
                   "data": {"prompt_id": "ph_9c1d4e", "scenario_id": "missed_activity_3day", "deep_link": "eirapp://wizard/activity?scenario=missed_activity_3day&activity_id=act_7e2f9a&chapter_id=ch_boston_001"}},
                  {"user_id": "usr_9ea3c7", "title": "Your weekly mileage is below target", "body": "You're at 60% of your training plan for this week. A short run today keeps you on track.",
                   "data": {"prompt_id": "ph_2a7f8b", "scenario_id": "low_mileage_week", "deep_link": "eirapp://wizard/activity?scenario=low_mileage_week&activity_id=act_1b5c8f&chapter_id=ch_boston_001"}}]},
                "push-dispatcher-options": {"provider": "fcm", "credential": "main", "expires_at": "2099-01-01T00:00:00Z", "collapse_id": "weekly-goal", "priority": "normal",
                  "targets": [{"user_id": "usr_4bc8d2", "title": "Your weekly goal", "body": "5 km to go.", "scenario_id": "weekly_goal", "prompt_id": "ph_9c1d4e",
                    "provider": "fcm", "credential": "main", "expires_at": "2099-01-01T00:00:00Z", "collapse_id": "weekly-goal-5", "priority": "high"}]}}},
              "answers": {"200": {"description": "What has become of each target, in their order.", "schema": "PushDispatcherBatchResult", "example":
                {"batch_id": "batch_f9a1b2", "total": 2, "succeeded": 2, "failed": 0,
                 "results": [{"user_id": "usr_4bc8d2", "notification_id": "notif_d1e2f3", "status": "sent"}, {"user_id": "usr_9ea3c7", "notification_id": "notif_e4f5g6", "status": "sent"}],
                 "sent_at": "2026-03-26T08:00:05Z"}}}
            },
            "GET /api/v1/notifications/device-tokens": {
              "id": "lookUpDeviceTokens", "summary": "Look up registered device tokens for a user",
              "description": "The user's active tokens. Invalidated ones are kept for audit but not shown.",
              "parameters": [{"name": "user_id", "in": "query", "required": true, "description": "Whose tokens.", "schema": "ID", "example": "usr_4bc8d2"}],
              "answers": {"200": {"description": "The tokens.", "schema": "PushDispatcherTokens", "example":
                {"user_id": "usr_4bc8d2", "tokens": [{"token": "ExponentPushToken[xxxxxxxxxxxxxxxxxxxxxx]", "platform": "ios", "registered_at": "2026-01-10T14:00:00Z", "last_used_at": "2026-03-25T18:00:00Z"}]}}}
            },
            "DELETE /api/v1/notifications/device-tokens/:token": {
              "id": "invalidateDeviceToken", "summary": "Invalidate and remove a device token",
              "description": "The token is never targeted again until it is registered anew. Repeating the call gives the same answer.",
              "parameters": ["device-token"],
              "answers": {"200": {"description": "It is invalid, since that time.", "schema": "PushDispatcherInvalidation", "example":
                {"invalidated": true, "token": "ExponentPushToken[xxxxxxxxxxxxxxxxxxxxxx]", "invalidated_at": "2026-03-26T08:01:00Z"}}}
            }
          },
          "spreads": {
            "PushDispatcherMessage": {
              "user_id": {"$ref": "ID", "description": "Whose devices to reach."},
              "title": {"$ref": "Title"},
              "body": {"$ref": "BodyText"},
              "data": {"$ref": "FreeData"},
              "scenario_id": {"$ref": "Word", "description": "What caused the message; lists filter by it. Taken from `data.scenario_id` where it is not given."},
              "prompt_id": {"$ref": "Word", "description": "The prompt that the text was made from. Taken from `data.prompt_id` where it is not given."}
            },
            "PushDispatcherHead": {
              "id": {"type": "string", "pattern": "^notif_[0-9A-Za-z]+$", "description": "The notification's id."},
              "user_id": {"type": "string", "description": "Whom it is for."},
              "title": {"type": "string", "description": "What stands above."},
              "body": {"type": "string", "description": "What is said."}
            },
            "PushDispatcherTail": {
              "delivered_count": {"type": "integer", "minimum": 0, "description": "Devices that were reached: their provider took the message."},
              "failed_count": {"type": "integer", "minimum": 0, "description": "Devices that will never be reached by this notification."},
              "sent_at": {"$ref": "TimeOrNull", "description": "When it was sent; null while nothing was."},
              "status": {"$ref": "PushDispatcherStatus"},
              "error": {"type": "string", "description": "Why nobody was reached; given where nobody was."}
            }
          },
          "requests": {
            "PushDispatcherMessage": {"type": "object", "description": "A message to one user.", "required": ["user_id", "title", "body"],
              "spread": ["PushDispatcherMessage", "SendingOptions"], "properties": {}},
            "PushDispatcherCall": {"type": "object", "description": "A message to one user, at the path that two contracts share.", "required": ["user_id", "title", "body"],
              "spread": ["PushDispatcherMessage", "SendingOptions"], "properties": {
              "recipient_ids": {"type": "null", "description": "Makes a call one of coordinator-notifications, and so is not for this one."}}},
            "PushDispatcherBatch": {"type": "object", "description": "Messages to many users. What is said beside `targets` holds for every target that does not say otherwise.",
              "required": ["targets"], "spread": ["SendingOptions"], "properties": {
              "targets": {"type": "array", "minItems": 1, "maxItems": 1000, "description": "The messages.", "items": "PushDispatcherMessage"}}},
            "PushDispatcherChange": {"type": "object", "description": "At least one of its members.", "anyOf": [{"required": ["status"], "properties": {"status": {"type": "string"}}}, {"required": ["retry_note"], "properties": {"retry_note": {"type": "string"}}}], "properties": {
              "status": {"type": "string", "enum": ["retried", "resolved"], "description": "What the caller states; what the gateway itself knows can't be set."},
              "retry_note": {"type": "string", "maxLength": 4096, "pattern": "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]*$", "description": "Why, in the caller's words."}}}
          },
          "schemas": {
            "PushDispatcherStatus": {"type": "string", "enum": ["queued", "sent", "failed", "cancelled", "retried", "resolved"],
              "description": "`sent` when at least one device was reached, `failed` when every one failed for good or there was none, `queued` while none was reached and one is under way, `cancelled` when all was withdrawn; `retried` and `resolved` as a PUT has stated."},
            "PushDispatcherEntry": {"type": "object", "description": "A notification in a list.", "optional": ["error"], "spread": ["PushDispatcherHead", "PushDispatcherTail"], "properties": {
              "scenario_id": {"type": ["string", "null"], "description": "What caused the message."},
              "prompt_id": {"type": ["string", "null"], "description": "The prompt that the text was made from."},
              "device_tokens_targeted": {"type": "integer", "minimum": 0, "description": "Devices that it was meant for."}}},
            "PushDispatcherDispatch": {"type": "object", "description": "What has become of a message.", "optional": ["error"], "spread": ["PushDispatcherHead", "PushDispatcherTail"], "properties": {
              "device_tokens_targeted": {"type": "integer", "minimum": 0, "description": "Devices that it was meant for."}}},
            "PushDispatcherRecord": {"type": "object", "description": "A notification with all that is known of it.", "optional": ["error", "retry_note", "updated_at"],
              "spread": ["PushDispatcherHead", "PushDispatcherTail"], "properties": {
              "data": {"$ref": "FreeData"},
              "scenario_id": {"type": ["string", "null"], "description": "What caused the message."},
              "prompt_id": {"type": ["string", "null"], "description": "The prompt that the text was made from."},
              "device_tokens": {"type": "array", "description": "The tokens that it was meant for.", "items": {"type": "string"}},
              "retry_note": {"type": "string", "description": "Why its status was stated; given once a PUT has."},
              "updated_at": {"$ref": "Time", "description": "When a PUT has last changed it; given once one has."}}},
            "PushDispatcherChanged": {"type": "object", "description": "A notification after a PUT.", "properties": {
              "id": {"type": "string", "pattern": "^notif_[0-9A-Za-z]+$", "description": "The notification's id."},
              "status": {"$ref": "PushDispatcherStatus"},
              "retry_note": {"type": ["string", "null"], "description": "Why, in the caller's words."},
              "updated_at": {"$ref": "Time", "description": "When it was changed."}}},
            "Deleted": {"type": "object", "description": "What was deleted.", "properties": {
              "deleted": {"type": "boolean", "const": true, "description": "Always true."},
              "id": {"type": "string", "description": "The record that is gone."}}},
            "PushDispatcherBatchResult": {"type": "object", "description": "What a batch came to.", "optional": ["queued", "cancelled"], "properties": {
              "batch_id": {"type": "string", "pattern": "^batch_[0-9A-Za-z]+$", "description": "The batch's id."},
              "total": {"type": "integer", "minimum": 0, "maximum": 1000, "description": "Targets of the call."},
              "succeeded": {"type": "integer", "minimum": 0, "description": "Targets of which a device was reached."},
              "failed": {"type": "integer", "minimum": 0, "description": "Targets of which none will be."},
              "queued": {"type": "integer", "minimum": 1, "description": "Targets still under way; given where there are any."},
              "cancelled": {"type": "integer", "minimum": 1, "description": "Targets withdrawn meanwhile; given where there are any."},
              "results": {"type": "array", "maxItems": 1000, "description": "The targets, in the order of the request.", "items": "PushDispatcherBatchEntry"},
              "sent_at": {"$ref": "Time", "description": "When the batch was answered for."}}},
            "PushDispatcherBatchEntry": {"type": "object", "description": "One target of a batch.", "optional": ["error"], "properties": {
              "user_id": {"type": ["string", "null"], "description": "Whom it was for; null where the target did not say so."},
              "notification_id": {"type": ["string", "null"], "pattern": "^notif_[0-9A-Za-z]+$", "description": "Its notification; null where the target was not valid."},
              "status": {"$ref": "PushDispatcherStatus"},
              "error": {"type": "string", "description": "Why it failed; given where it did."}}},
            "PushDispatcherTokens": {"type": "object", "description": "A user's devices.", "properties": {
              "user_id": {"type": "string", "description": "Whose."},
              "tokens": {"type": "array", "description": "The active tokens.", "items": {"type": "object", "properties": {
                "token": {"type": "string", "description": "The token."},
                "platform": {"$ref": "Platform"},
                "registered_at": {"$ref": "Time", "description": "When it was last registered."},
                "last_used_at": {"$ref": "TimeOrNull", "description": "When a message last went to it; null: never."}}}}}},
            "PushDispatcherInvalidation": {"type": "object", "description": "A token that is no more.", "properties": {
              "invalidated": {"type": "boolean", "const": true, "description": "Always true."},
              "token": {"type": "string", "description": "The token."},
              "invalidated_at": {"$ref": "Time", "description": "Since when."}}},
            "Platform": {"type": "string", "enum": ["ios", "android", "web"], "description": "What the device runs."}
          }
        }
        """#)
}
