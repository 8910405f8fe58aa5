extension CoordinatorNotifications {
    static let openAPI = OpenAPIFragment(
        #"""
        {
          "tag": "coordinator-notifications",
          "about": "In-app notifications and push to many recipients, what of it was read, and who coordinates a mentor.",
          "parameters": {
            "recipient_id": {"name": "recipient_id", "in": "query", "required": false, "description": "Only notifications for this recipient.", "schema": "ID", "example": "user_coord_99XZ"},
            "recipient_id-of-many": {"name": "recipient_id", "in": "query", "required": false,
              "description": "Which recipient's, of a call to several. Without it, GET shows the first and names all, PUT and DELETE mean all of them.", "schema": "ID", "example": "user_coord_99XZ"},
            "coordinator-type": {"name": "type", "in": "query", "required": false, "description": "Only notifications of this sort.", "schema": "ID", "example": "mentor_status_change"},
            "read": {"name": "read", "in": "query", "required": false, "description": "Only notifications that were read, or only those that were not.", "schema": {"type": "boolean"}, "example": false},
            "mentor_id": {"name": "mentor_id", "in": "path", "required": true, "description": "The mentor.", "schema": {"type": "string", "minLength": 1}, "example": "mntr_01HX4V2K8P"}
          },
          "operations": {
            "GET /api/v1/notifications": {
              "id": "listCoordinatorNotifications", "summary": "List notifications with optional filters",
              "description": "One entry per recipient of a call. A filter that only this contract has leaves the other's notifications out.",
              "parameters": ["page", "limit", "cursor", "from", "to", "contract", "recipient_id", "coordinator-type", "read"],
              "answers": {"200": {"description": "A page of the list.", "list": "CoordinatorEntry", "example": {
                "data": [{"notification_id": "notif_7GH2MX1PQ", "recipient_id": "user_coord_99XZ", "type": "mentor_status_change", "title": "Mentor Sarah Chen has been paused",
                  "body": "Sarah Chen (chpt_03AZ) is now paused. Reason: Personal leave.", "read": false, "created_at": "2026-03-26T09:15:30Z"}],
                "pagination": {"page": 1, "limit": 20, "total": 12}}}}
            },
            "GET /api/v1/notifications/:id": {
              "id": "getCoordinatorNotification", "summary": "Get a single notification",
              "description": "The notification with its payload. Of several recipients the first is shown, unless `recipient_id` picks one.",
              "parameters": ["notification-id", "recipient_id-of-many"],
              "answers": {"200": {"description": "The notification, in the shape of its contract.", "schema": "CoordinatorRecord", "example":
                {"notification_id": "notif_7GH2MX1PQ", "recipient_id": "user_coord_99XZ", "type": "mentor_status_change", "title": "Mentor Sarah Chen has been paused",
                 "body": "Sarah Chen (chpt_03AZ) is now paused. Reason: Personal leave.",
                 "payload": {"mentor_id": "mntr_01HX4V2K8P", "new_status": "paused", "reason": "Personal leave", "deep_link": "/mentors/mntr_01HX4V2K8P"},
                 "read": false, "created_at": "2026-03-26T09:15:30Z"}}}
            },
            "POST /api/v1/notifications": {
              "id": "createNotification", "summary": "Create and dispatch a notification to one or more recipients",
              "description": "Reaches each recipient in-app, and by push where there is a device. Answered as soon as it is durable. `recipient_ids` makes the call one of this contract.",
              "parameters": ["Prefer"],
              "body": {"schema": "CoordinatorCall", "examples": {
                "coordinator-notifications": {"recipient_ids": ["user_coord_99XZ", "user_coord_11AB"], "type": "mentor_status_change", "title": "Mentor paused",
                  "body": "James Okafor has been paused due to expired certification.",
                  "payload": {"mentor_id": "mntr_02BY7M3RL", "new_status": "paused", "reason": "Certification expired", "deep_link": "/mentors/mntr_02BY7M3RL"}},
                "coordinator-notifications-options": {"recipient_ids": ["user_coord_99XZ"], "type": "mentor_status_change", "title": "Mentor paused", "body": "James Okafor is paused.",
                  "provider": "fcm", "credential": "main", "expires_at": "2099-01-01T00:00:00Z", "collapse_id": "mentor", "priority": "normal"}}},
              "answers": {"201": {"description": "It is durable and on its way.", "schema": "CoordinatorDispatch", "example":
                {"notification_id": "notif_8KL3NY2RS", "recipient_ids": ["user_coord_99XZ", "user_coord_11AB"], "type": "mentor_status_change", "title": "Mentor paused",
                 "dispatched_at": "2026-03-26T10:00:00Z", "created_at": "2026-03-26T10:00:00Z"}}},
              "problems": {"404": "A recipient belongs to an org that the caller does not see; `errors` names all of them."}
            },
            "PUT /api/v1/notifications/:id": {
              "id": "updateCoordinatorNotification", "summary": "Update a notification", "description": "Says whether it was read.",
              "parameters": ["notification-id", "recipient_id-of-many"],
              "body": {"schema": "CoordinatorChange", "example": {"read": true}},
              "answers": {"200": {"description": "What stands now.", "schema": "CoordinatorChanged", "example":
                {"notification_id": "notif_7GH2MX1PQ", "read": true, "updated_at": "2026-03-26T10:05:00Z"}}}
            },
            "DELETE /api/v1/notifications/:id": {
              "id": "deleteCoordinatorNotification", "summary": "Delete a notification record", "description": "Takes it out of every list, for one recipient or for all.",
              "parameters": ["notification-id", "recipient_id-of-many"],
              "answers": {"200": {"description": "It is gone.", "schema": "CoordinatorDeleted", "example":
                {"notification_id": "notif_7GH2MX1PQ", "deleted": true, "deleted_at": "2026-03-26T10:10:00Z"}}}
            },
            "POST /api/v1/notifications/push": {
              "id": "pushToRecipients", "summary": "Send push notification to a list of recipients",
              "description": "Push alone. A recipient who can't be sent to fails alone; the call is refused only when not a single id is valid.",
              "parameters": ["Prefer"],
              "body": {"schema": "CoordinatorPush", "examples": {
                "coordinator-notifications": {"recipient_ids": ["user_coord_99XZ", "user_coord_11AB"], "title": "Mentor Status Update", "body": "Sarah Chen is now active and available for assignments."},
                "coordinator-notifications-options": {"recipient_ids": ["user_coord_99XZ"], "type": "mentor_status_change", "title": "Mentor Status Update", "body": "Sarah Chen is now active.",
                  "payload": {"deep_link": "/mentors/mntr_01HX4V2K8P"}, "provider": "fcm", "credential": "main", "expires_at": "2099-01-01T00:00:00Z", "collapse_id": "mentor", "priority": "normal"}}},
              "answers": {"200": {"description": "Who was reached.", "schema": "CoordinatorPushResult", "example":
                {"sent_count": 2, "failed_count": 0, "sent_to": ["user_coord_99XZ", "user_coord_11AB"], "dispatched_at": "2026-03-26T09:20:10Z"}}}
            },
            "POST /api/v1/notifications/in-app": {
              "id": "notifyInApp", "summary": "Send in-app notification with structured payload",
              "description": "Stores the payload for each recipient, and so delivers it. A recipient who is none fails alone; the call is refused only when not a single id is valid.",
              "parameters": ["Prefer"],
              "body": {"schema": "CoordinatorInApp", "examples": {
                "coordinator-notifications": {"recipient_ids": ["user_coord_99XZ"], "payload": {"type": "mentor_status_change", "mentor_id": "mntr_01HX4V2K8P", "new_status": "active", "reason": null, "deep_link": "/mentors/mntr_01HX4V2K8P"}},
                "coordinator-notifications-options": {"recipient_ids": ["user_coord_99XZ"], "payload": {"type": "mentor_status_change", "title": "Mentor active", "body": "Sarah Chen is now active."},
                  "provider": "in_app", "credential": "inbox", "expires_at": "2099-01-01T00:00:00Z", "collapse_id": "mentor", "priority": "normal"}}},
              "answers": {"200": {"description": "How many were reached.", "schema": "CoordinatorInAppResult", "example":
                {"sent_count": 1, "failed_count": 0, "dispatched_at": "2026-03-26T09:20:15Z"}}}
            },
            "GET /api/v1/mentors/:mentor_id/coordinators": {
              "id": "listCoordinators", "summary": "List coordinators responsible for a given mentor",
              "description": "In the directory's order. One whom the directory does not know as a user is shown with what is known, the id.",
              "parameters": ["mentor_id", "page", "limit", "text-cursor"],
              "answers": {"200": {"description": "A page of the coordinators.", "list": "Coordinator", "example": {
                "data": [{"coordinator_id": "user_coord_99XZ", "full_name": "Lena Fischer", "email": "lena.fischer@example.org", "chapter_id": "chpt_03AZ"}],
                "pagination": {"page": 1, "limit": 20, "total": 1}}}}
            }
          },
          "spreads": {
            "Recipients": {
              "recipient_ids": {"type": "array", "minItems": 1, "maxItems": 10000, "description": "Whom to reach. One who is named twice counts once.", "items": "ID"}
            },
            "CoordinatorHead": {
              "notification_id": {"type": "string", "pattern": "^notif_[0-9A-Za-z]+$", "description": "The call's id, the same for all of its recipients."},
              "recipient_id": {"type": "string", "description": "Whom this entry is for."},
              "type": {"type": ["string", "null"], "description": "What sort of notification it is."},
              "title": {"type": ["string", "null"], "description": "What stands above."},
              "body": {"type": ["string", "null"], "description": "What is said."},
              "read": {"type": "boolean", "description": "Whether the recipient has read it."},
              "created_at": {"$ref": "Time", "description": "When it became durable."},
              "error": {"type": "string", "description": "Why the recipient was not reached; given where they were not."}
            },
            "CoordinatorCounts": {
              "sent_count": {"type": "integer", "minimum": 0, "description": "Recipients who were reached."},
              "failed_count": {"type": "integer", "minimum": 0, "description": "Recipients who will not be."},
              "queued": {"type": "integer", "minimum": 1, "description": "Recipients still under way; given where there are any."},
              "cancelled": {"type": "integer", "minimum": 1, "description": "Recipients for whom it was withdrawn meanwhile; given where there are any."},
              "dispatched_at": {"$ref": "Time", "description": "When the call became durable."}
            },
            "CoordinatorFailures": {
              "failures": {"type": "array", "minItems": 1, "maxItems": 10000, "description": "Who was not reached, and why; given where there is anyone.", "items": {"type": "object", "properties": {
                "recipient_id": {"type": ["string", "null"], "description": "The recipient; null where the id was no text."},
                "notification_id": {"type": ["string", "null"], "pattern": "^notif_[0-9A-Za-z]+$", "description": "The notification; null where there is none."},
                "error": {"type": "string", "description": "Why."}}}}
            }
          },
          "requests": {
            "CoordinatorCall": {"type": "object", "description": "A notification to many, at the path that two contracts share.", "required": ["recipient_ids", "type", "title", "body"],
              "spread": ["Recipients", "SendingOptions"], "properties": {
              "type": {"$ref": "ID", "description": "What sort of notification it is; lists filter by it."},
              "title": {"$ref": "Title"},
              "body": {"$ref": "BodyText"},
              "payload": {"$ref": "FreeData"},
              "user_id": {"type": "null", "description": "Makes a call one of push-dispatcher, and so is not for this one."}}},
            "CoordinatorPush": {"type": "object", "description": "A push to many.", "required": ["recipient_ids", "title", "body"], "spread": ["Recipients", "SendingOptions"], "properties": {
              "type": {"$ref": "Word", "description": "What sort of notification it is; lists filter by it."},
              "title": {"$ref": "Title"},
              "body": {"$ref": "BodyText"},
              "payload": {"$ref": "FreeData"}}},
            "CoordinatorInApp": {"type": "object", "description": "An in-app notification to many.", "required": ["recipient_ids", "payload"], "spread": ["Recipients", "SendingOptions"], "properties": {
              "payload": {"type": "object", "propertyNames": "FreeName", "additionalProperties": "FreeValue", "description": "What the app is to show. Three of its members are understood here; the rest is handed on as it is.", "properties": {
                "type": {"$ref": "Word", "description": "What sort of notification it is; lists filter by it."},
                "title": {"type": "string", "maxLength": 1024, "pattern": "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]*$", "description": "What stands above."},
                "body": {"type": "string", "maxLength": 16384, "pattern": "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]*$", "description": "What is said."}}},
              "provider": {"type": "string", "enum": ["in_app"], "description": "In-app is all that there is here."}}},
            "CoordinatorChange": {"type": "object", "description": "Whether it was read.", "required": ["read"], "properties": {
              "read": {"type": "boolean", "description": "True: read; false: not any more."}}}
          },
          "schemas": {
            "CoordinatorEntry": {"type": "object", "description": "A notification in one recipient's list.", "optional": ["error"], "spread": ["CoordinatorHead"], "properties": {}},
            "CoordinatorRecord": {"type": "object", "description": "A notification to one recipient, with all that is known of it.", "optional": ["error", "updated_at", "recipient_ids"], "spread": ["CoordinatorHead"], "properties": {
              "payload": {"$ref": "FreeData"},
              "updated_at": {"$ref": "Time", "description": "When a PUT has last changed it; given once one has."},
              "recipient_ids": {"type": "array", "minItems": 2, "maxItems": 10000, "description": "All recipients of the call; given where there are several and none was picked.", "items": {"type": "string"}}}},
            "CoordinatorDispatch": {"type": "object", "description": "A notification that is on its way.", "optional": ["failures"], "spread": ["CoordinatorFailures"], "properties": {
              "notification_id": {"type": "string", "pattern": "^notif_[0-9A-Za-z]+$", "description": "The call's id, the same for all of its recipients."},
              "recipient_ids": {"type": "array", "minItems": 1, "maxItems": 10000, "description": "Whom it is for.", "items": {"type": "string"}},
              "type": {"type": "string", "description": "What sort of notification it is."},
              "title": {"type": "string", "description": "What stands above."},
              "dispatched_at": {"$ref": "Time", "description": "When it was handed over."},
              "created_at": {"$ref": "Time", "description": "When it became durable."}}},
            "CoordinatorChanged": {"type": "object", "description": "A notification after a PUT.", "properties": {
              "notification_id": {"type": "string", "pattern": "^notif_[0-9A-Za-z]+$", "description": "The call's id."},
              "read": {"type": "boolean", "description": "Whether it was read."},
              "updated_at": {"$ref": "Time", "description": "When it was changed."}}},
            "CoordinatorDeleted": {"type": "object", "description": "A notification that is gone.", "properties": {
              "notification_id": {"type": "string", "pattern": "^notif_[0-9A-Za-z]+$", "description": "The call's id."},
              "deleted": {"type": "boolean", "const": true, "description": "Always true."},
              "deleted_at": {"$ref": "Time", "description": "When."}}},
            "CoordinatorPushResult": {"type": "object", "description": "What a push to many came to.", "optional": ["queued", "cancelled", "failures"], "spread": ["CoordinatorCounts", "CoordinatorFailures"], "properties": {
              "sent_to": {"type": "array", "maxItems": 10000, "description": "Who was reached.", "items": {"type": "string"}}}},
            "CoordinatorInAppResult": {"type": "object", "description": "What an in-app notification to many came to.", "optional": ["queued", "cancelled", "failures"], "spread": ["CoordinatorCounts", "CoordinatorFailures"], "properties": {}},
            "Coordinator": {"type": "object", "description": "Somebody who is responsible for a mentor.", "properties": {
              "coordinator_id": {"type": "string", "description": "The user."},
              "full_name": {"type": ["string", "null"], "description": "Their name; null where the directory has none."},
              "email": {"type": ["string", "null"], "description": "Their mail address; null where the directory has none."},
              "chapter_id": {"type": ["string", "null"], "description": "Their chapter; null where the directory has none."}}}
          }
        }
        """#)
}
