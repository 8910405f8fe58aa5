extension Keys {
    static let openAPI = OpenAPIFragment(
        #"""
        {
          "tag": "keys",
          "about": "API keys: with which callers show who they are. A key has an org, roles, and perhaps one contract that alone it opens.",
          "parameters": {
            "key-id": {"name": "id", "in": "path", "required": true, "description": "The key.",
              "schema": {"type": "string", "minLength": 1}, "example": "key_0351EDtz9RIHHn5KCSH08x"}
          },
          "operations": {
            "POST /api/v1/keys": {
              "id": "createKey", "summary": "Make an API key",
              "description": "The answer shows the key, this once: the gateway keeps only its hash. A repeat with the same `Idempotency-Key` answers without `key`, and says so in `notice`. Nobody hands out a role above their own.",
              "body": {"schema": "NewKey", "example":
                {"name": "reports", "org_id": "org_demo", "roles": ["coordinator"], "contract": "push-service", "expires_at": "2099-01-01T00:00:00Z"}},
              "answers": {"201": {"description": "The key.", "schema": "IssuedKey", "example":
                {"id": "key_0351EDtz9RIHHn5KCSH08x", "prefix": "hk_4Kd0XyZa", "name": "reports", "org_id": "org_demo", "roles": ["coordinator"], "contract": "push-service",
                 "state": "active", "created_at": "2026-11-21T03:55:19Z", "expires_at": "2099-01-01T00:00:00Z", "last_used_at": null, "revoked_at": null,
                 "key": "hk_4Kd0XyZa000000000000000000000000000000000000"}}},
              "problems": {"403": "The caller's role is not enough, or one is asked for that is above it.", "404": "The caller does not see such an org."}
            },
            "GET /api/v1/keys": {
              "id": "listKeys", "summary": "List API keys", "description": "Newest first, the expired and revoked ones too; never the keys themselves.",
              "parameters": ["page", "limit", "cursor", "org_id"],
              "answers": {"200": {"description": "A page of the keys.", "list": "Key", "example": {
                "data": [
                  {"id": "key_0351EDtz9RIHHn5KCSH08x", "prefix": "hk_4Kd0XyZa", "name": "reports", "org_id": "org_demo", "roles": ["coordinator"], "contract": null,
                   "state": "active", "created_at": "2026-11-21T03:55:19Z", "expires_at": null, "last_used_at": "2026-11-21T04:01:02Z", "revoked_at": null}],
                "pagination": {"page": 1, "limit": 20, "total": 1}}}}
            },
            "DELETE /api/v1/keys/:id": {
              "id": "revokeKey", "summary": "Revoke an API key", "description": "At once and for good. The key stays in the list; revoking it again changes nothing.",
              "parameters": ["key-id"],
              "answers": {"200": {"description": "The key as it stands now.", "schema": "Key", "example":
                {"id": "key_0351EDtz9RIHHn5KCSH08x", "prefix": "hk_4Kd0XyZa", "name": "reports", "org_id": "org_demo", "roles": ["coordinator"], "contract": null,
                 "state": "revoked", "created_at": "2026-11-21T03:55:19Z", "expires_at": null, "last_used_at": null, "revoked_at": "2026-11-21T04:01:02Z"}}},
              "problems": {"403": "The caller's role is not enough, or the key has one above it."}
            }
          },
          "requests": {
            "NewKey": {"type": "object", "description": "What a key is to be good for.", "properties": {
              "name": {"$ref": "Word", "description": "What people know it by."},
              "org_id": {"$ref": "ID", "description": "The org that it acts for: the caller's own unless said otherwise."},
              "roles": {"type": "array", "description": "What it may do. None: what asks for a credential and no role.", "items": {"type": "string", "enum": ["coordinator", "org_admin", "global_admin"]}},
              "contract": {"type": "string", "enum": ["admin-notifications", "push-dispatcher", "coordinator-notifications", "push-service", "notification-records"], "description": "The only contract whose endpoints it opens."},
              "expires_at": {"type": "string", "format": "date-time", "description": "From this moment on it opens nothing."}}}
          },
          "spreads": {
            "Key": {
              "id": {"type": "string", "pattern": "^key_[0-9A-Za-z]+$", "description": "The key's id."},
              "prefix": {"type": "string", "pattern": "^hk_[0-9A-Za-z]{8}$", "description": "How the key begins: enough to know it by."},
              "name": {"type": ["string", "null"], "description": "What people know it by."},
              "org_id": {"type": "string", "description": "The org that it acts for."},
              "roles": {"type": "array", "description": "What it may do.", "items": {"type": "string", "enum": ["coordinator", "org_admin", "global_admin"]}},
              "contract": {"type": ["string", "null"], "description": "The only contract whose endpoints it opens; null: all, and the gateway's own."},
              "state": {"type": "string", "enum": ["active", "expired", "revoked"], "description": "Whether it opens anything."},
              "created_at": {"$ref": "Time", "description": "When it was made."},
              "expires_at": {"$ref": "TimeOrNull", "description": "When it ends by itself."},
              "last_used_at": {"$ref": "TimeOrNull", "description": "When it was last used, to the minute."},
              "revoked_at": {"$ref": "TimeOrNull", "description": "When it was revoked."}
            }
          },
          "schemas": {
            "Key": {"type": "object", "description": "An API key, without its text.", "spread": ["Key"], "properties": {}},
            "IssuedKey": {"type": "object", "description": "A key that was made just now.", "optional": ["key", "notice"], "spread": ["Key"], "properties": {
              "key": {"type": "string", "pattern": "^hk_[0-9A-Za-z]{44}$", "description": "The key itself. Not in the answer to a repeat."},
              "notice": {"type": "string", "description": "Why there is no key, in the answer to a repeat."}}}
          }
        }
        """#)
}
