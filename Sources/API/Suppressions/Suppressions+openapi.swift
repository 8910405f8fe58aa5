extension Suppressions {
    static let openAPI = OpenAPIFragment(
        #"""
        {
          "tag": "suppressions",
          "about": "Mail addresses that a relay has called dead: nothing is sent to them until somebody takes them off.",
          "parameters": {
            "suppressed-address": {"name": "address", "in": "path", "required": true, "description": "The address.", "schema": {"type": "string", "minLength": 1}, "example": "lost@example.org"},
            "address": {"name": "address", "in": "query", "required": false, "description": "Only this address, in upper or lower case.",
              "schema": {"type": "string", "minLength": 1, "maxLength": 254, "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]+$"}, "example": "lost@example.org"}
          },
          "operations": {
            "GET /api/v1/suppressions": {
              "id": "listSuppressions", "summary": "List suppressed addresses",
              "description": "By organisation, then by address. A caller who may not take them off sees them masked, and goes from page to page by number alone.",
              "parameters": ["page", "limit", "text-cursor", "org_id", "address"],
              "answers": {"200": {"description": "A page of the list.", "list": "Suppression", "example": {
                "data": [{"org_id": "org_oslo", "address": "lost@example.org", "reason": "5.1.1", "since": "2026-03-24T08:00:00Z"}],
                "pagination": {"page": 1, "limit": 20, "total": 1}}}}
            },
            "DELETE /api/v1/suppressions/:address": {
              "id": "deleteSuppression", "summary": "Take an address off", "description": "In every organisation that the caller sees. The next mail to it is sent again.",
              "parameters": ["suppressed-address"],
              "answers": {"200": {"description": "It is off.", "schema": "RemovedSuppression", "example": {"deleted": true, "address": "lost@example.org"}}}
            }
          },
          "schemas": {
            "Suppression": {"type": "object", "description": "An address that gets no mail.", "properties": {
              "org_id": {"type": "string", "description": "The organisation whose mail it was."},
              "address": {"type": "string", "description": "In lower case; masked for a caller who may not take it off."},
              "reason": {"type": "string", "description": "The relay's word for it."},
              "since": {"$ref": "Time", "description": "When a relay said so first."}}},
            "RemovedSuppression": {"type": "object", "description": "What was taken off.", "properties": {
              "deleted": {"type": "boolean", "const": true, "description": "That it is off."},
              "address": {"type": "string", "description": "The address, as it was asked for."}}}
          }
        }
        """#)
}
