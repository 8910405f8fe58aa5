extension NotificationRecords {
    static let openAPI = OpenAPIFragment(
        #"""
        {
          "tag": "notification-records",
          "about": "What other services have told coordinators about peer mentors, kept for the proof. Needs a credential in every mode.",
          "parameters": {
            "record-id": {"name": "id", "in": "path", "required": true, "description": "The record.",
              "schema": {"type": "string", "minLength": 1}, "example": "nr_0a1b2c3d4e5f"},
            "peer-mentor-id": {"name": "peerMentorId", "in": "path", "required": true, "description": "The peer mentor.",
              "schema": {"type": "string", "minLength": 1}, "example": "pm_551e8400"},
            "peer_mentor_id": {"name": "peer_mentor_id", "in": "query", "required": false, "description": "Only records about this peer mentor.",
              "schema": "ID", "example": "pm_551e8400"},
            "coordinator_id": {"name": "coordinator_id", "in": "query", "required": false, "description": "Only records of what this coordinator was told.",
              "schema": "ID", "example": "coord_9f8e7d6c"},
            "event_type": {"name": "event_type", "in": "query", "required": false, "description": "Only records of this event.",
              "schema": "ID", "example": "pause_activated"}
          },
          "operations": {
            "GET /api/v1/notification-records": {
              "id": "listRecords", "summary": "List all notification records with optional filter by peer mentor", "description": "Newest first.",
              "parameters": ["page", "limit", "cursor", "from", "to", "peer_mentor_id", "coordinator_id", "event_type"],
              "answers": {"200": {"description": "A page of the list.", "list": "RecordEntry", "example": {
                "data": [
                  {"id": "nr_0a1b2c3d4e5f", "peer_mentor_id": "pm_551e8400", "peer_mentor_name": "Kari Nordmann", "event_type": "pause_activated",
                   "coordinator_id": "coord_9f8e7d6c", "channels_notified": ["push", "in_app"], "sent_at": "2026-03-19T14:30:05.000Z"},
                  {"id": "nr_1b2c3d4e5f6a", "peer_mentor_id": "pm_662f9511", "peer_mentor_name": "Lars Eriksen", "event_type": "pause_deactivated",
                   "coordinator_id": "coord_2a3b4c5d", "channels_notified": ["push", "in_app"], "sent_at": "2026-03-25T09:00:05.000Z"}],
                "pagination": {"page": 1, "limit": 20, "total": 2}}}}
            },
            "GET /api/v1/notification-records/:id": {
              "id": "getRecord", "summary": "Get a single notification record by ID", "description": "The record, with names from the directory.",
              "parameters": ["record-id"],
              "answers": {"200": {"description": "The record.", "schema": "Record", "example":
                {"id": "nr_0a1b2c3d4e5f", "peer_mentor_id": "pm_551e8400", "peer_mentor_name": "Kari Nordmann", "event_type": "pause_activated",
                 "effective_date": "2026-03-20T00:00:00.000Z", "reason": "Personal leave", "coordinator_id": "coord_9f8e7d6c", "coordinator_name": "Ingrid Bakke",
                 "channels_notified": ["push", "in_app"], "dispatch_ids": ["disp_7f8a9b0c1d2e", "disp_3e4f5a6b7c8d"], "sent_at": "2026-03-19T14:30:05.000Z"}}}
            },
            "POST /api/v1/notification-records": {
              "id": "createRecord", "summary": "Record that a notification was sent for a pause event",
              "description": "Sends nothing: it notes what another service has sent. The record belongs to the peer mentor's org.",
              "body": {"schema": "RecordMessage", "example":
                {"peer_mentor_id": "pm_551e8400", "event_type": "pause_activated", "effective_date": "2026-03-20T00:00:00.000Z", "reason": "Personal leave",
                 "coordinator_id": "coord_9f8e7d6c", "channels_notified": ["push", "in_app"], "dispatch_ids": ["disp_7f8a9b0c1d2e", "disp_3e4f5a6b7c8d"]}},
              "answers": {"201": {"description": "It is recorded.", "schema": "CreatedRecord", "example":
                {"id": "nr_0a1b2c3d4e5f", "peer_mentor_id": "pm_551e8400", "event_type": "pause_activated", "coordinator_id": "coord_9f8e7d6c",
                 "channels_notified": ["push", "in_app"], "sent_at": "2026-03-19T14:30:05.000Z"}}},
              "problems": {"404": "The peer mentor belongs to an org that the caller does not see, or a repeat came after the record was deleted."}
            },
            "PUT /api/v1/notification-records/:id": {
              "id": "updateRecord", "summary": "Update metadata on a notification record", "description": "`channels_notified` and `notes` replace what was there; `dispatch_ids` are added to it.",
              "parameters": ["record-id"],
              "body": {"schema": "RecordChange", "examples": {
                "notification-records": {"channels_notified": ["push", "in_app", "email"], "notes": "Email fallback triggered due to push failure"},
                "notification-records-dispatches": {"dispatch_ids": ["disp_5b6c7d8e9f0a"]}}},
              "answers": {"200": {"description": "What stands now.", "schema": "ChangedRecord", "example":
                {"id": "nr_0a1b2c3d4e5f", "channels_notified": ["push", "in_app", "email"], "notes": "Email fallback triggered due to push failure",
                 "updated_at": "2026-03-19T15:00:00.000Z"}}},
              "problems": {"409": "The record would have more dispatch ids than one can have."}
            },
            "DELETE /api/v1/notification-records/:id": {
              "id": "deleteRecord", "summary": "Delete a notification record", "description": "Takes it out of every list and history.",
              "parameters": ["record-id"],
              "answers": {"200": {"description": "It is gone.", "schema": "DeletedRecord", "example":
                {"message": "Notification record deleted", "deleted_id": "nr_0a1b2c3d4e5f", "deleted_at": "2026-03-26T10:00:00.000Z"}}}
            },
            "GET /api/v1/notification-records/peer-mentor-profile/:peerMentorId": {
              "id": "getPeerMentorProfile", "summary": "Get the peer mentor profile used for notification routing", "description": "As the directory has it.",
              "parameters": ["peer-mentor-id"],
              "answers": {"200": {"description": "The profile.", "schema": "PeerMentorProfile", "example":
                {"peer_mentor_id": "pm_551e8400", "full_name": "Kari Nordmann", "email": "kari.nordmann@nhf-oslo.no", "phone": "+47 900 12 345",
                 "coordinator_id": "coord_9f8e7d6c", "org_id": "org_nhf_oslo", "current_status": "paused", "pause_start_date": "2026-03-20T00:00:00.000Z"}}}
            },
            "GET /api/v1/notification-records/history/:peerMentorId": {
              "id": "getNotificationHistory", "summary": "Get full notification history for a peer mentor", "description": "All records about the mentor, newest first, without pages.",
              "parameters": ["peer-mentor-id"],
              "answers": {"200": {"description": "The history.", "schema": "RecordHistory", "example":
                {"peer_mentor_id": "pm_551e8400", "peer_mentor_name": "Kari Nordmann",
                 "history": [
                   {"id": "nr_0a1b2c3d4e5f", "event_type": "pause_activated", "effective_date": "2026-03-20T00:00:00.000Z", "reason": "Personal leave",
                    "channels_notified": ["push", "in_app"], "sent_at": "2026-03-19T14:30:05.000Z"},
                   {"id": "nr_9z8y7x6w5v4u", "event_type": "pause_deactivated", "effective_date": "2026-01-15T00:00:00.000Z", "reason": null,
                    "channels_notified": ["push", "in_app"], "sent_at": "2026-01-14T11:00:00.000Z"}],
                 "total_events": 2}}}
            }
          },
          "spreads": {
            "RecordEvent": {
              "id": {"type": "string", "pattern": "^nr_[0-9A-Za-z]+$", "description": "The record's id."},
              "event_type": {"type": "string", "description": "What has happened."},
              "channels_notified": {"$ref": "RecordChannels"},
              "sent_at": {"$ref": "TimeInMilliseconds", "description": "When it was recorded."}
            },
            "RecordHead": {
              "id": {"type": "string", "pattern": "^nr_[0-9A-Za-z]+$", "description": "The record's id."},
              "peer_mentor_id": {"type": "string", "description": "About whom."},
              "event_type": {"type": "string", "description": "What has happened."},
              "coordinator_id": {"type": "string", "description": "Who was told."},
              "channels_notified": {"$ref": "RecordChannels"},
              "sent_at": {"$ref": "TimeInMilliseconds", "description": "When it was recorded."}
            },
            "RecordNames": {
              "peer_mentor_name": {"type": ["string", "null"], "description": "The mentor's name by the directory; null where it has none."}
            }
          },
          "requests": {
            "RecordMessage": {"type": "object", "description": "What was told to whom.", "required": ["peer_mentor_id", "event_type", "coordinator_id", "channels_notified"], "properties": {
              "peer_mentor_id": {"$ref": "ID", "description": "About whom."},
              "event_type": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[a-z][a-z0-9_]*$", "description": "What has happened: a word of lower-case letters, digits and underscores."},
              "effective_date": {"type": "string", "format": "date-time", "description": "From when it holds."},
              "reason": {"type": "string", "maxLength": 4096, "pattern": "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]*$", "description": "Why it happened."},
              "coordinator_id": {"$ref": "ID", "description": "Who was told."},
              "channels_notified": {"$ref": "RecordChannels"},
              "dispatch_ids": {"$ref": "RecordDispatches"}}},
            "RecordChange": {"type": "object", "description": "At least one of its members.",
              "anyOf": [{"required": ["channels_notified"], "properties": {"channels_notified": {"type": "array"}}}, {"required": ["notes"], "properties": {"notes": {"type": "string"}}}, {"required": ["dispatch_ids"], "properties": {"dispatch_ids": {"type": "array", "minItems": 1}}}], "properties": {
              "channels_notified": {"$ref": "RecordChannels"},
              "notes": {"type": "string", "maxLength": 4096, "pattern": "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]*$", "description": "What there is to say about it."},
              "dispatch_ids": {"$ref": "RecordDispatches"}}}
          },
          "schemas": {
            "TimeInMilliseconds": {"type": "string", "format": "date-time", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$",
              "description": "A time in UTC, in milliseconds."},
            "TimeInMillisecondsOrNull": {"type": ["string", "null"], "format": "date-time", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$",
              "description": "A time in UTC, in milliseconds; null where there is none."},
            "RecordChannels": {"type": "array", "minItems": 1, "description": "How it was told. A channel that is named twice counts once.",
              "items": {"type": "string", "enum": ["push", "in_app", "email", "sms"], "description": "One way."}},
            "RecordDispatches": {"type": "array", "maxItems": 100, "description": "The ids of what was sent, as the sending service calls it.", "items": "ID"},
            "RecordEntry": {"type": "object", "description": "A record in a list.", "spread": ["RecordHead", "RecordNames"], "properties": {}},
            "CreatedRecord": {"type": "object", "description": "A record that was just made.", "spread": ["RecordHead"], "properties": {}},
            "Record": {"type": "object", "description": "A record with all that is known of it.", "optional": ["notes", "updated_at"], "spread": ["RecordHead", "RecordNames"], "properties": {
              "effective_date": {"$ref": "TimeInMillisecondsOrNull", "description": "From when it holds."},
              "reason": {"type": ["string", "null"], "description": "Why it happened."},
              "coordinator_name": {"type": ["string", "null"], "description": "The coordinator's name by the directory; null where it has none."},
              "dispatch_ids": {"$ref": "RecordDispatches"},
              "notes": {"type": "string", "description": "What a PUT has added; given once one has."},
              "updated_at": {"$ref": "TimeInMilliseconds", "description": "When a PUT has last changed it; given once one has."}}},
            "ChangedRecord": {"type": "object", "description": "A record after a PUT.", "optional": ["dispatch_ids"], "properties": {
              "id": {"type": "string", "pattern": "^nr_[0-9A-Za-z]+$", "description": "The record's id."},
              "channels_notified": {"$ref": "RecordChannels"},
              "notes": {"type": ["string", "null"], "description": "What there is to say about it."},
              "dispatch_ids": {"$ref": "RecordDispatches", "description": "All of them; given when the call added some."},
              "updated_at": {"$ref": "TimeInMilliseconds", "description": "When it was changed."}}},
            "DeletedRecord": {"type": "object", "description": "A record that is gone.", "properties": {
              "message": {"type": "string", "const": "Notification record deleted", "description": "For people."},
              "deleted_id": {"type": "string", "pattern": "^nr_[0-9A-Za-z]+$", "description": "The record's id."},
              "deleted_at": {"$ref": "TimeInMilliseconds", "description": "When."}}},
            "PeerMentorProfile": {"type": "object", "description": "A peer mentor as the directory has them.", "properties": {
              "peer_mentor_id": {"type": "string", "description": "The mentor."},
              "full_name": {"type": ["string", "null"], "description": "Their name."},
              "email": {"type": ["string", "null"], "description": "Their mail address."},
              "phone": {"type": ["string", "null"], "description": "Their telephone."},
              "coordinator_id": {"type": ["string", "null"], "description": "The first of their coordinators."},
              "org_id": {"type": "string", "description": "Their org."},
              "current_status": {"type": ["string", "null"], "description": "`active`, `paused` or whatever else the owning service says."},
              "pause_start_date": {"$ref": "TimeInMillisecondsOrNull", "description": "Since when they pause."}}},
            "RecordHistory": {"type": "object", "description": "All records about a mentor.", "properties": {
              "peer_mentor_id": {"type": "string", "description": "The mentor."},
              "peer_mentor_name": {"type": ["string", "null"], "description": "Their name by the directory; null where it has none."},
              "history": {"type": "array", "description": "The records, newest first.", "items": {"type": "object", "spread": ["RecordEvent"], "properties": {
                "effective_date": {"$ref": "TimeInMillisecondsOrNull", "description": "From when it holds."},
                "reason": {"type": ["string", "null"], "description": "Why it happened."}}}},
              "total_events": {"type": "integer", "minimum": 0, "description": "How many there are."}}}
          }
        }
        """#)
}
