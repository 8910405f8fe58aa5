extension OpenAPIPage {
    static let openAPI = OpenAPIFragment(
        #"""
        {
          "tag": "gateway",
          "about": "What the gateway says about itself. Asks nobody for a credential.",
          "operations": {
            "GET /openapi.json": {
              "id": "getDocument", "summary": "This document",
              "description": "The description of all endpoints that this gateway serves, as OpenAPI 3.1.",
              "parameters": [{"name": "If-None-Match", "in": "header", "required": false, "schema": {"type": "string"},
                "description": "The `ETag` of a copy that the caller has: if it is still good, the answer is 304."}],
              "answers": {
                "200": {"description": "The document.", "headers": ["ETag"], "schema": {"type": "object", "required": ["openapi", "info", "paths"], "additionalProperties": true,
                  "properties": {
                    "openapi": {"type": "string", "const": "3.1.1", "description": "The version of OpenAPI."},
                    "info": {"type": "object", "additionalProperties": true, "description": "What it is."},
                    "paths": {"type": "object", "additionalProperties": true, "description": "The endpoints by path."}}}},
                "304": {"description": "The caller's copy is still good.", "headers": ["ETag"]}
              }
            }
          }
        }
        """#)
}
