extension Directory {
    static let openAPI = OpenAPIFragment(
        #"""
        {
          "tag": "directory",
          "about": "The gateway's copy of other services' directory: organisations, users, certifications, peer mentors. Everything is an upsert.",
          "parameters": {
            "organisation-id": {"name": "id", "in": "path", "required": true, "description": "The organisation.", "schema": "ID", "example": "org_oslo"},
            "directory-user-id": {"name": "id", "in": "path", "required": true, "description": "The user.", "schema": "ID", "example": "usr_4bc8d2"},
            "certification-id": {"name": "certification_id", "in": "path", "required": true, "description": "The certification; its id is the user's own.", "schema": "ID", "example": "cert_1"},
            "directory-mentor-id": {"name": "id", "in": "path", "required": true, "description": "The peer mentor.", "schema": "ID", "example": "pm_551e8400"},
            "text-cursor": {"name": "cursor", "in": "query", "required": false, "description": "Where the page before ended. Take it from that page's `Link` header.",
              "schema": {"type": "string", "minLength": 2, "maxLength": 8192, "pattern": "^([0-9a-f]{2})+$"}, "example": "363a6f72675f61756131"}
          },
          "operations": {
            "PUT /api/v1/directory/organisations/:id": {
              "id": "putOrganisation", "summary": "Put an organisation", "description": "Its parent has to be known, and must not be below it. Only a caller for all organisations may put one at the top of the tree.",
              "parameters": ["organisation-id"],
              "body": {"schema": "OrganisationPut", "example": {"id": "org_oslo", "parent_id": "org_norway", "name": "Oslo"}},
              "answers": {
                "200": {"description": "It was known, and is as sent now.", "schema": "Organisation", "example": {"id": "org_oslo", "parent_id": "org_norway", "name": "Oslo"}},
                "201": {"description": "It is new.", "schema": "Organisation", "example": {"id": "org_oslo", "parent_id": "org_norway", "name": "Oslo"}}}
            },
            "GET /api/v1/directory/organisations/:id": {
              "id": "getOrganisation", "summary": "Show an organisation", "description": "Of an organisation that only an org file declares: what the file says.",
              "parameters": ["organisation-id"],
              "answers": {"200": {"description": "What is known.", "schema": "Organisation", "example": {"id": "org_oslo", "parent_id": "org_norway", "name": "Oslo"}}}
            },
            "DELETE /api/v1/directory/organisations/:id": {
              "id": "deleteOrganisation", "summary": "Delete an organisation", "description": "Refused while users, mentors or other organisations belong to it. Where an org file declares it too, it goes on existing by that.",
              "parameters": ["organisation-id"],
              "answers": {"200": {"description": "It is gone.", "schema": "Deleted", "example": {"deleted": true, "id": "org_oslo"}}}, "problems": {"409": "Something belongs to the organisation still, or only an org file declares it."}
            },
            "PUT /api/v1/directory/users/:id": {
              "id": "putDirectoryUser", "summary": "Put a user", "description": "Its organisation has to be known. A user moves by being put into another organisation; active devices come along.",
              "parameters": ["directory-user-id"],
              "body": {"schema": "DirectoryUserPut", "example": {"id": "usr_4bc8d2", "org_id": "org_oslo", "full_name": "Ola Nordmann", "email": "ola@example.org", "email_verified": true, "phone": "+47 900 12 345", "locale": "nb-NO", "chapter_id": "chpt_03AZ"}},
              "answers": {
                "200": {"description": "It was known, and is as sent now.", "schema": "DirectoryUser", "example": {"id": "usr_4bc8d2", "org_id": "org_oslo", "full_name": "Ola Nordmann", "email": "ola@example.org", "email_verified": true, "phone": "+47 900 12 345", "locale": "nb-NO", "chapter_id": "chpt_03AZ"}},
                "201": {"description": "It is new.", "schema": "DirectoryUser", "example": {"id": "usr_4bc8d2", "org_id": "org_oslo", "full_name": "Ola Nordmann", "email": "ola@example.org", "email_verified": true, "phone": "+47 900 12 345", "locale": "nb-NO", "chapter_id": "chpt_03AZ"}}}
            },
            "GET /api/v1/directory/users/:id": {
              "id": "getDirectoryUser", "summary": "Show a user", "description": "What other services have said of the user.",
              "parameters": ["directory-user-id"],
              "answers": {"200": {"description": "What is known.", "schema": "DirectoryUser", "example": {"id": "usr_4bc8d2", "org_id": "org_oslo", "full_name": "Ola Nordmann", "email": "ola@example.org", "email_verified": true, "phone": "+47 900 12 345", "locale": "nb-NO", "chapter_id": "chpt_03AZ"}}}
            },
            "DELETE /api/v1/directory/users/:id": {
              "id": "deleteDirectoryUser", "summary": "Delete a user", "description": "The certifications go too.",
              "parameters": ["directory-user-id"],
              "answers": {"200": {"description": "It is gone.", "schema": "Deleted", "example": {"deleted": true, "id": "usr_4bc8d2"}}}
            },
            "PUT /api/v1/directory/users/:id/certifications/:certification_id": {
              "id": "putCertification", "summary": "Put a certification", "description": "Its user has to be known.",
              "parameters": ["directory-user-id", "certification-id"],
              "body": {"schema": "CertificationPut", "example": {"id": "cert_1", "user_id": "usr_4bc8d2", "name": "First aid", "expires_at": "2026-04-20T00:00:00Z"}},
              "answers": {
                "200": {"description": "It was known, and is as sent now.", "schema": "Certification", "example": {"id": "cert_1", "user_id": "usr_4bc8d2", "name": "First aid", "expires_at": "2026-04-20T00:00:00Z"}},
                "201": {"description": "It is new.", "schema": "Certification", "example": {"id": "cert_1", "user_id": "usr_4bc8d2", "name": "First aid", "expires_at": "2026-04-20T00:00:00Z"}}}
            },
            "GET /api/v1/directory/users/:id/certifications/:certification_id": {
              "id": "getCertification", "summary": "Show a certification", "description": "What a user holds, and until when.",
              "parameters": ["directory-user-id", "certification-id"],
              "answers": {"200": {"description": "What is known.", "schema": "Certification", "example": {"id": "cert_1", "user_id": "usr_4bc8d2", "name": "First aid", "expires_at": "2026-04-20T00:00:00Z"}}}
            },
            "DELETE /api/v1/directory/users/:id/certifications/:certification_id": {
              "id": "deleteCertification", "summary": "Delete a certification", "description": "The user stays.",
              "parameters": ["directory-user-id", "certification-id"],
              "answers": {"200": {"description": "It is gone.", "schema": "Deleted", "example": {"deleted": true, "id": "cert_1"}}}
            },
            "PUT /api/v1/directory/mentors/:id": {
              "id": "putDirectoryMentor", "summary": "Put a peer mentor", "description": "Its organisation has to be known; coordinators need not be.",
              "parameters": ["directory-mentor-id"],
              "body": {"schema": "MentorPut", "example": {"id": "pm_551e8400", "org_id": "org_oslo", "full_name": "Kari Nordmann", "email": "kari@example.org", "phone": "+47 900 12 345", "current_status": "paused", "pause_start_date": "2026-03-20T00:00:00Z", "coordinator_ids": ["usr_4bc8d2"]}},
              "answers": {
                "200": {"description": "It was known, and is as sent now.", "schema": "Mentor", "example": {"id": "pm_551e8400", "org_id": "org_oslo", "full_name": "Kari Nordmann", "email": "kari@example.org", "phone": "+47 900 12 345", "current_status": "paused", "pause_start_date": "2026-03-20T00:00:00Z", "coordinator_ids": ["usr_4bc8d2"]}},
                "201": {"description": "It is new.", "schema": "Mentor", "example": {"id": "pm_551e8400", "org_id": "org_oslo", "full_name": "Kari Nordmann", "email": "kari@example.org", "phone": "+47 900 12 345", "current_status": "paused", "pause_start_date": "2026-03-20T00:00:00Z", "coordinator_ids": ["usr_4bc8d2"]}}}
            },
            "GET /api/v1/directory/mentors/:id": {
              "id": "getDirectoryMentor", "summary": "Show a peer mentor", "description": "What other services have said of the mentor.",
              "parameters": ["directory-mentor-id"],
              "answers": {"200": {"description": "What is known.", "schema": "Mentor", "example": {"id": "pm_551e8400", "org_id": "org_oslo", "full_name": "Kari Nordmann", "email": "kari@example.org", "phone": "+47 900 12 345", "current_status": "paused", "pause_start_date": "2026-03-20T00:00:00Z", "coordinator_ids": ["usr_4bc8d2"]}}}
            },
            "DELETE /api/v1/directory/mentors/:id": {
              "id": "deleteDirectoryMentor", "summary": "Delete a peer mentor", "description": "The coordinators stay.",
              "parameters": ["directory-mentor-id"],
              "answers": {"200": {"description": "It is gone.", "schema": "Deleted", "example": {"deleted": true, "id": "pm_551e8400"}}}
            },
            "GET /api/v1/directory/organisations": {
              "id": "listOrganisations", "summary": "List organisations", "description": "The tree as it counts: what the directory says, and what org files add to it. By id.",
              "parameters": ["page", "limit", "text-cursor"],
              "answers": {"200": {"description": "A page of the list.", "list": "Organisation", "example": {
                "data": [{"id": "org_oslo", "parent_id": "org_norway", "name": "Oslo"}], "pagination": {"page": 1, "limit": 20, "total": 1}}}}
            },
            "GET /api/v1/directory/users": {
              "id": "listDirectoryUsers", "summary": "List users", "description": "By organisation, then by id.",
              "parameters": ["page", "limit", "text-cursor", "org_id"],
              "answers": {"200": {"description": "A page of the list.", "list": "DirectoryUser", "example": {
                "data": [{"id": "usr_4bc8d2", "org_id": "org_oslo", "full_name": "Ola Nordmann", "email": "ola@example.org", "email_verified": true, "phone": "+47 900 12 345", "locale": "nb-NO", "chapter_id": "chpt_03AZ"}], "pagination": {"page": 1, "limit": 20, "total": 1}}}}
            },
            "GET /api/v1/directory/users/:id/certifications": {
              "id": "listCertifications", "summary": "List a user's certifications", "description": "By id.",
              "parameters": ["directory-user-id", "page", "limit", "text-cursor"],
              "answers": {"200": {"description": "A page of the list.", "list": "Certification", "example": {
                "data": [{"id": "cert_1", "user_id": "usr_4bc8d2", "name": "First aid", "expires_at": "2026-04-20T00:00:00Z"}], "pagination": {"page": 1, "limit": 20, "total": 1}}}}
            },
            "GET /api/v1/directory/mentors": {
              "id": "listDirectoryMentors", "summary": "List peer mentors", "description": "By organisation, then by id.",
              "parameters": ["page", "limit", "text-cursor", "org_id"],
              "answers": {"200": {"description": "A page of the list.", "list": "Mentor", "example": {
                "data": [{"id": "pm_551e8400", "org_id": "org_oslo", "full_name": "Kari Nordmann", "email": "kari@example.org", "phone": "+47 900 12 345", "current_status": "paused", "pause_start_date": "2026-03-20T00:00:00Z", "coordinator_ids": ["usr_4bc8d2"]}], "pagination": {"page": 1, "limit": 20, "total": 1}}}}
            },
            "POST /api/v1/directory/import": {
              "id": "importDirectory", "isRepeatable": false, "summary": "Import a directory",
              "description": "Up to 256 MiB of entries, taken in as they arrive. Each is an upsert by the rules of PUT; what comes later may refer to what comes before: parents first, then users, then certifications. Faulty lines are named and skipped, the rest is kept. Repeating an import does no harm, so that its `Idempotency-Key` is not kept.",
              "body": {"description": "NDJSON, an object a line, or CSV with a header line (RFC 4180). Lists are separated by semicolons in CSV.", "content": {
                "application/x-ndjson": {"schema": {"description": "One line.", "anyOf": ["OrganisationLine", "UserLine", "CertificationLine", "MentorLine"]}, "examples": {
                  "organisation": {"kind": "organisation", "id": "org_oslo", "parent_id": "org_norway", "name": "Oslo"}, "user": {"kind": "user", "id": "usr_4bc8d2", "org_id": "org_oslo", "full_name": "Ola Nordmann", "email": "ola@example.org", "email_verified": true, "phone": "+47 900 12 345", "locale": "nb-NO", "chapter_id": "chpt_03AZ"},
                  "certification": {"kind": "certification", "id": "cert_1", "user_id": "usr_4bc8d2", "name": "First aid", "expires_at": "2026-04-20T00:00:00Z"}, "mentor": {"kind": "mentor", "id": "pm_551e8400", "org_id": "org_oslo", "full_name": "Kari Nordmann", "email": "kari@example.org", "phone": "+47 900 12 345", "current_status": "paused", "pause_start_date": "2026-03-20T00:00:00Z", "coordinator_ids": ["usr_4bc8d2"]}}},
                "text/csv": {"schema": {"type": "string", "description": "The whole file."},
                  "example": "kind,id,org_id,full_name,email,email_verified\nuser,usr_4bc8d2,org_oslo,Ola Nordmann,ola@example.org,true\n"}}},
              "answers": {"200": {"description": "What came of it.", "schema": "ImportReport", "example":
                {"imported": 2, "failed": 1, "errors": [{"line": 3, "detail": "/org_id: is required"}]}}},
              "problems": {
                "413": "The body has more than 256 MiB. What had arrived of it before may have been imported.",
                "415": "The body is neither said to be `application/x-ndjson` nor `text/csv`, in UTF-8.",
                "422": "The header line of the CSV is faulty; nothing was imported."}
            }
          },
          "spreads": {
            "OrganisationFields": {
              "parent_id": {"$ref": "Word", "description": "The organisation right above it; none at the top of the tree."},
              "name": {"$ref": "Word", "description": "What people call it; the id where it is not given."}},
            "PersonFields": {
              "org_id": {"$ref": "ID", "description": "The organisation that it belongs to."},
              "full_name": {"$ref": "Word", "description": "The whole name."},
              "email": {"anyOf": ["MailAddress", {"type": ["string", "null"], "maxLength": 0}], "description": "The mail address. An empty one is none."},
              "phone": {"type": "string", "maxLength": 64, "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$", "description": "A telephone number, in any form."}},
            "UserFields": {
              "email_verified": {"type": "boolean", "description": "Whether the address is known to be the user's; false where it is not given. Reminders go to verified addresses only."},
              "locale": {"type": "string", "maxLength": 35, "pattern": "^([0-9A-Za-z]{1,8}(-[0-9A-Za-z]{1,8})*)?$", "description": "The language of what the gateway writes itself: a BCP 47 tag."},
              "chapter_id": {"$ref": "Word", "description": "The user's chapter."}},
            "CertificationFields": {
              "name": {"$ref": "ID", "description": "What it is called."},
              "expires_at": {"type": "string", "anyOf": [{"format": "date-time"}, {"format": "date"}], "description": "The moment at which it expires; of a day, its first moment in UTC."}},
            "MentorFields": {
              "current_status": {"$ref": "Word", "description": "`active`, `paused` or whatever else the owning service says."},
              "pause_start_date": {"type": "string", "anyOf": [{"format": "date-time"}, {"format": "date"}, {"maxLength": 0}], "description": "Since when it is paused; of a day, its first moment in UTC."},
              "coordinator_ids": {"type": "array", "maxItems": 1000, "uniqueItems": true, "description": "Ids of the users who coordinate the mentor, known or not. The first one is the coordinator of the profile.", "items": "ID"}}
          },
          "requests": {
            "OrganisationPut": {"type": "object", "description": "An organisation.", "spread": ["OrganisationFields"], "properties": {"id": {"$ref": "ID", "description": "If it is given, that of the path."}}},
            "DirectoryUserPut": {"type": "object", "description": "A user.", "required": ["org_id"], "spread": ["PersonFields", "UserFields"], "properties": {"id": {"$ref": "ID", "description": "If it is given, that of the path."}}},
            "CertificationPut": {"type": "object", "description": "A certification.", "required": ["name", "expires_at"], "spread": ["CertificationFields"], "properties": {
              "id": {"$ref": "ID", "description": "If it is given, that of the path."}, "user_id": {"$ref": "ID", "description": "If it is given, that of the path."}}},
            "MentorPut": {"type": "object", "description": "A peer mentor.", "required": ["org_id"], "spread": ["PersonFields", "MentorFields"], "properties": {"id": {"$ref": "ID", "description": "If it is given, that of the path."}}},
            "OrganisationLine": {"type": "object", "description": "An organisation, in an import.", "required": ["kind", "id"], "spread": ["OrganisationFields"], "properties": {
              "kind": {"type": "string", "const": "organisation", "description": "What it is."}, "id": {"$ref": "ID", "description": "Its id."}}},
            "UserLine": {"type": "object", "description": "A user, in an import.", "required": ["kind", "id", "org_id"], "spread": ["PersonFields", "UserFields"], "properties": {
              "kind": {"type": "string", "const": "user", "description": "What it is."}, "id": {"$ref": "ID", "description": "Its id."}}},
            "CertificationLine": {"type": "object", "description": "A certification, in an import.", "required": ["kind", "id", "user_id", "name", "expires_at"], "spread": ["CertificationFields"], "properties": {
              "kind": {"type": "string", "const": "certification", "description": "What it is."}, "id": {"$ref": "ID", "description": "Its id, the user's own."}, "user_id": {"$ref": "ID", "description": "Who holds it."}}},
            "MentorLine": {"type": "object", "description": "A peer mentor, in an import.", "required": ["kind", "id", "org_id"], "spread": ["PersonFields", "MentorFields"], "properties": {
              "kind": {"type": "string", "const": "mentor", "description": "What it is."}, "id": {"$ref": "ID", "description": "Its id."}}}
          },
          "schemas": {
            "Organisation": {"type": "object", "description": "An organisation.", "properties": {
              "id": {"type": "string", "description": "Its id."}, "parent_id": {"type": ["string", "null"], "description": "The organisation right above it."},
              "name": {"type": "string", "description": "What people call it."}}},
            "DirectoryUser": {"type": "object", "description": "A user.", "properties": {
              "id": {"type": "string", "description": "The user's id."}, "org_id": {"type": "string", "description": "The organisation that the user belongs to."},
              "full_name": {"type": ["string", "null"], "description": "The whole name."}, "email": {"type": ["string", "null"], "description": "The mail address."},
              "email_verified": {"type": "boolean", "description": "Whether the address is known to be the user's."},
              "phone": {"type": ["string", "null"], "description": "A telephone number."}, "locale": {"type": ["string", "null"], "description": "A BCP 47 tag."},
              "chapter_id": {"type": ["string", "null"], "description": "The user's chapter."}}},
            "Certification": {"type": "object", "description": "Something that a user holds until it expires.", "properties": {
              "id": {"type": "string", "description": "Its id, the user's own."}, "user_id": {"type": "string", "description": "Who holds it."},
              "name": {"type": "string", "description": "What it is called."}, "expires_at": {"$ref": "Time", "description": "When it expires."}}},
            "Mentor": {"type": "object", "description": "A peer mentor.", "properties": {
              "id": {"type": "string", "description": "The mentor's id."}, "org_id": {"type": "string", "description": "The organisation that the mentor belongs to."},
              "full_name": {"type": ["string", "null"], "description": "The whole name."}, "email": {"type": ["string", "null"], "description": "The mail address."},
              "phone": {"type": ["string", "null"], "description": "A telephone number."},
              "current_status": {"type": ["string", "null"], "description": "`active`, `paused` or whatever else the owning service says."},
              "pause_start_date": {"$ref": "TimeOrNull", "description": "Since when the mentor is paused."},
              "coordinator_ids": {"type": "array", "description": "Who coordinates the mentor; the first one is the coordinator of the profile.", "items": {"type": "string"}}}},
            "ImportReport": {"type": "object", "description": "What came of an import.", "optional": ["errors_omitted"], "properties": {
              "imported": {"type": "integer", "minimum": 0, "description": "Entries that were written."},
              "failed": {"type": "integer", "minimum": 0, "description": "Lines that were skipped."},
              "errors": {"type": "array", "maxItems": 1000, "description": "The first 1,000 of them, by line.", "items": {"type": "object", "required": ["line", "detail"], "properties": {
                "line": {"type": "integer", "minimum": 1, "description": "Where it begins; the first line of the body is 1, a CSV header included."},
                "detail": {"type": "string", "description": "Everything that is wrong with it."}}}},
              "errors_omitted": {"type": "integer", "minimum": 1, "description": "How many more there are; given where there are any."}}}
          }
        }
        """#)
}
