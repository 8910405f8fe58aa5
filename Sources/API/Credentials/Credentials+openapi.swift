extension Credentials {
    static let openAPI = OpenAPIFragment(
        #"""
        {
          "tag": "credentials",
          "about": "What orgs send with: Expo access tokens, APNs keys and certificates, FCM service accounts, SMTP relays. Secrets are written, never read. They are sealed in the database; what org files declare is listed too, and goes first where both have a name.",
          "parameters": {
            "credential-org": {"name": "org", "in": "path", "required": true, "description": "The org whose credentials they are.",
              "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[0-9A-Za-z_.-]+$"}, "example": "org_demo"},
            "credential-provider": {"name": "provider", "in": "path", "required": true, "description": "Whom it is for.",
              "schema": {"type": "string", "enum": ["expo", "apns", "fcm", "smtp"]}, "example": "fcm"},
            "credential-name": {"name": "name", "in": "path", "required": true, "description": "Its name: `main`, unless the org has several of one provider.",
              "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[0-9A-Za-z_.-]+$"}, "example": "main"},
            "credential-verify": {"name": "verify", "in": "query", "required": false, "description": "Asks the provider first, and stores the credential only if it works.",
              "schema": {"type": "boolean", "default": false}, "example": false},
            "credential-dns": {"name": "dns", "in": "query", "required": false, "description": "Holds DKIM keys against their DNS records too.",
              "schema": {"type": "boolean", "default": false}, "example": false}
          },
          "operations": {
            "GET /api/v1/credentials": {
              "id": "listAllCredentials", "summary": "List the credentials of all orgs", "description": "Of all that the caller sees: by org, then by provider, then by name.",
              "parameters": ["page", "limit", "org_id"],
              "answers": {"200": {"description": "A page of the credentials.", "list": "Credential", "example": {
                "data": [
                  {"org_id": "org_demo", "provider": "apns", "name": "main", "source": "sealed", "file": null, "version": 2, "set_at": "2026-11-21T03:55:19Z", "set_by": "key_0351EDtz9RIHHn5KCSH08x",
                   "facts": {"team_id": "TEAM123456", "key_id": "KEY1234567", "topic": "com.example.app", "environment": "production"}, "fingerprint": "5d41402abc4b2a76", "expires_at": null, "days_left": null,
                   "warnings": [], "state": "ok", "reason": null, "next_probe_at": null, "shadowed": false,
                   "previous": {"version": 1, "set_at": "2025-11-21T03:55:19Z", "until": "2026-11-22T03:55:19Z", "fingerprint": "0cc175b9c0f1b6a8", "expires_at": null}}],
                "pagination": {"page": 1, "limit": 20, "total": 1}}}}
            },
            "GET /api/v1/orgs/:org/credentials": {
              "id": "listCredentials", "summary": "List an org's credentials", "description": "By provider, then by name, without their secrets: what is known of each, how its lane is, how many days it has left.",
              "parameters": ["credential-org", "page", "limit"],
              "answers": {"200": {"description": "A page of the credentials.", "list": "Credential", "example": {
                "data": [
                  {"org_id": "org_demo", "provider": "apns", "name": "main", "source": "file", "file": "demo.yaml", "version": 1, "set_at": null, "set_by": null,
                   "facts": {"topic": "com.example.app", "environment": "production", "subject": "CN=Apple Push Services: com.example.app"}, "fingerprint": "5d41402abc4b2a76",
                   "expires_at": "2026-12-11T08:00:00Z", "days_left": 20, "warnings": ["The certificate ends on 2026-12-11."], "state": "refused", "reason": "InvalidProviderToken",
                   "next_probe_at": "2026-11-21T04:00:00Z", "shadowed": false, "previous": null}],
                "pagination": {"page": 1, "limit": 20, "total": 1}}}}
            },
            "PUT /api/v1/orgs/:org/credentials/:provider/:name": {
              "id": "putCredential", "summary": "Set a credential",
              "description": "In place of what stood under its name, older versions included; deliveries that wait go out with it at once. All that can be checked without sending is checked before: each fault is told with its member and its remedy, and then nothing is stored. Members that are not known are faults here. An org that neither a file nor the directory knows is taken, with a warning, from whoever may act for all orgs.",
              "parameters": ["credential-org", "credential-provider", "credential-name", "credential-verify"],
              "body": {"schema": "CredentialPut", "examples": {
                "expo": {"access_token": "ujCIM1bw4QYBUr9VFd6jZPVoHqQtxxxx", "apps": ["@demo/app"]},
                "apns-key": {"team_id": "TEAM123456", "key_id": "KEY1234567", "private_key": "-----BEGIN PRIVATE KEY-----\nMIGTAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBHkwdwIB…\n-----END PRIVATE KEY-----\n",
                  "topic": "com.example.app", "environment": "production"},
                "apns-certificate": {"certificate": "MIIKWQIBAzCCCh8GCSqGSIb3DQEHAaCC", "certificate_password": "the password of the .p12", "topic": "com.example.app", "environment": "production"},
                "fcm": {"service_account": {"type": "service_account", "project_id": "demo", "private_key_id": "b0f3c1", "private_key": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC…\n-----END PRIVATE KEY-----\n",
                  "client_email": "push@demo.iam.gserviceaccount.com", "token_uri": "https://oauth2.googleapis.com/token"}},
                "smtp": {"url": "smtp://mail.example.org:587", "tls": "starttls", "username": "hermod", "password": "the password", "from": "Demo <no-reply@example.org>", "ehlo_name": "gateway.example.org",
                  "max_connections": 10, "dkim": [{"domain": "example.org", "selector": "k1", "algorithm": "rsa-sha256", "private_key": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC…\n-----END PRIVATE KEY-----\n"}]}}},
              "answers": {
                "200": {"description": "It has taken the place of what stood there, and is as sent now.", "schema": "Credential", "example":
                  {"org_id": "org_demo", "provider": "fcm", "name": "main", "source": "sealed", "file": null, "version": 2, "set_at": "2026-11-21T03:55:19Z", "set_by": "key_0351EDtz9RIHHn5KCSH08x",
                   "facts": {"project_id": "demo", "client_email": "push@demo.iam.gserviceaccount.com"}, "fingerprint": "5d41402abc4b2a76", "expires_at": null, "days_left": null, "warnings": [], "state": "ok", "reason": null,
                   "next_probe_at": null, "shadowed": false, "previous": null}},
                "201": {"description": "It is new.", "schema": "Credential", "example":
                  {"org_id": "org_demo", "provider": "fcm", "name": "main", "source": "sealed", "file": null, "version": 1, "set_at": "2026-11-21T03:55:19Z", "set_by": "key_0351EDtz9RIHHn5KCSH08x",
                   "facts": {"project_id": "demo", "client_email": "push@demo.iam.gserviceaccount.com"}, "fingerprint": "5d41402abc4b2a76", "expires_at": null, "days_left": null, "warnings": [], "state": "ok", "reason": null,
                   "next_probe_at": null, "shadowed": false, "previous": null}}},
              "problems": {"409": "Nothing can be sealed: the gateway has no master key.", "413": "The body is larger than 256 KiB.", "404": "The caller sees no such org, or there is no such provider."}
            },
            "DELETE /api/v1/orgs/:org/credentials/:provider/:name": {
              "id": "deleteCredential", "summary": "Remove a credential", "description": "With all its versions. `now` tells what the org's deliveries through this provider go out with from now on, where they ask for none by name: another of the org's, an ancestor's, or nothing.",
              "parameters": ["credential-org", "credential-provider", "credential-name"],
              "answers": {"200": {"description": "It is gone.", "schema": "RemovedCredential", "example": {"deleted": true, "org_id": "org_demo", "provider": "fcm", "name": "main", "now": null}}},
              "problems": {"409": "An org file declares it: it is to be removed there."}
            },
            "POST /api/v1/orgs/:org/credentials/:provider/:name/rotate": {
              "id": "rotateCredential", "summary": "Rotate a credential", "isRepeatable": false,
              "description": "As setting it, but the version before stays in use beside the new one: new attempts go out with the new one, and what the provider refuses of it goes out with the old one, while an alarm tells so. The new one has to speak for the same project, app, team or mailbox. Sent again, it answers with what stands; no `Idempotency-Key` is kept.",
              "parameters": ["credential-org", "credential-provider", "credential-name", "credential-verify"],
              "body": {"schema": "CredentialRotation", "examples": {
                "expo": {"access_token": "tjPXxpzlUFnHdnKRk6GxJlWEJu33xxxx", "apps": ["@demo/app"], "overlap": "24h", "force": false},
                "apns-key": {"team_id": "TEAM123456", "key_id": "KEY7654321", "private_key": "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIB…\n-----END PRIVATE KEY-----\n",
                  "topic": "com.example.app", "environment": "production", "overlap": "24h"},
                "apns-certificate": {"certificate": "MIIKYQIBAzCCCicGCSqGSIb3DQEHAaCD", "certificate_password": "the password of the .p12", "topic": "com.example.app", "environment": "production", "overlap": "30d"},
                "fcm": {"service_account": {"type": "service_account", "project_id": "demo", "private_key_id": "c1a2d3", "private_key": "-----BEGIN PRIVATE KEY-----\nMIIEvgIBADANBgkqhkiG9w0BAQEFAASC…\n-----END PRIVATE KEY-----\n",
                  "client_email": "push@demo.iam.gserviceaccount.com", "token_uri": "https://oauth2.googleapis.com/token"}, "overlap": "24h"},
                "smtp": {"url": "smtp://mail.example.org:587", "tls": "starttls", "username": "hermod", "password": "the new password", "from": "Demo <no-reply@example.org>", "ehlo_name": "gateway.example.org",
                  "max_connections": 10, "dkim": [{"domain": "example.org", "selector": "k2", "algorithm": "rsa-sha256", "private_key": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC…\n-----END PRIVATE KEY-----\n"}], "overlap": "1h"}}},
              "answers": {"200": {"description": "Both versions are in use.", "schema": "Credential", "example":
                {"org_id": "org_demo", "provider": "fcm", "name": "main", "source": "sealed", "file": null, "version": 2, "set_at": "2026-11-21T03:55:19Z", "set_by": "key_0351EDtz9RIHHn5KCSH08x",
                 "facts": {"project_id": "demo", "client_email": "push@demo.iam.gserviceaccount.com"}, "fingerprint": "5d41402abc4b2a76", "expires_at": null, "days_left": null, "warnings": [], "state": "ok", "reason": null,
                 "next_probe_at": null, "shadowed": false,
                 "previous": {"version": 1, "set_at": "2025-11-21T03:55:19Z", "until": "2026-11-22T03:55:19Z", "fingerprint": "0cc175b9c0f1b6a8", "expires_at": null}}}},
              "problems": {"409": "It is the one that is in use already, or the version that it would take over from is refused by the provider and `verify` is not asked for, or an org file declares it, or nothing can be sealed for want of a master key.", "413": "The body is larger than 256 KiB."}
            },
            "POST /api/v1/orgs/:org/credentials/:provider/:name/verify": {
              "id": "verifyCredential", "summary": "Verify a credential", "isRepeatable": false,
              "description": "Asks the provider with it, reaching no device and no mailbox. During a rotation both versions are tried. The answer is 200 whatever the verdict.",
              "parameters": ["credential-org", "credential-provider", "credential-name", "credential-dns"],
              "answers": {"200": {"description": "What the provider says.", "schema": "CredentialVerification", "example":
                {"org_id": "org_demo", "provider": "fcm", "name": "main", "verified_at": "2026-11-21T03:55:19Z", "version": 1, "verdict": "works", "summary": "The project demo takes messages from this service account.",
                 "steps": [{"name": "grant", "verdict": "works", "detail": "an access token was given"}, {"name": "send", "verdict": "works", "detail": "validate_only was accepted"}], "previous": null}}}
            },
            "DELETE /api/v1/orgs/:org/credentials/:provider/:name/previous": {
              "id": "deletePreviousCredential", "summary": "End a rotation", "description": "The version before is forgotten; only the current one stays.",
              "parameters": ["credential-org", "credential-provider", "credential-name"],
              "answers": {"200": {"description": "The credential as it stands now.", "schema": "Credential", "example":
                {"org_id": "org_demo", "provider": "fcm", "name": "main", "source": "sealed", "file": null, "version": 2, "set_at": "2026-11-21T03:55:19Z", "set_by": "key_0351EDtz9RIHHn5KCSH08x",
                 "facts": {"project_id": "demo", "client_email": "push@demo.iam.gserviceaccount.com"}, "fingerprint": "5d41402abc4b2a76", "expires_at": null, "days_left": null, "warnings": [], "state": "ok", "reason": null,
                 "next_probe_at": null, "shadowed": false, "previous": null}}},
              "problems": {"409": "An org file declares it: its rotation is to be ended there."}
            }
          },
          "requests": {
            "CredentialPut": {"type": "object", "description": "The members of the provider that the path names, and no others.", "additionalProperties": false, "spread": ["CredentialMembers"], "properties": {}},
            "CredentialRotation": {"type": "object", "description": "The members of the provider that the path names, and how to rotate.", "additionalProperties": false, "spread": ["CredentialMembers"], "properties": {
              "overlap": {"type": "string", "pattern": "^[0-9]+(ms|s|m|h|d)$", "description": "How long the version before stays in use: 1m to 365d. Otherwise until somebody ends it.", "examples": ["24h"]},
              "force": {"type": "boolean", "default": false, "description": "Takes one for another project, app, team or mailbox."}}}
          },
          "spreads": {
            "CredentialMembers": {
              "access_token": {"type": "string", "minLength": 1, "description": "expo: the access token, where the project has enhanced push security on."},
              "apps": {"type": "array", "description": "expo, apns, fcm: the apps whose tokens it is for (bundle ids, package names, `@owner/slug`); otherwise any. An APNs credential is for its topic's in any case.",
                "items": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[^\\u0000-\\u0020\\u007f]+$"}},
              "team_id": {"type": "string", "pattern": "^[0-9A-Za-z]{10}$", "description": "apns, with `private_key`: the team's id."},
              "key_id": {"type": "string", "pattern": "^[0-9A-Za-z]{10}$", "description": "apns, with `private_key`: the key's id, as in the name of `AuthKey_XXXXXXXXXX.p8`."},
              "private_key": {"type": "string", "minLength": 1, "description": "apns: the .p8 file's text."},
              "certificate": {"type": "string", "minLength": 1, "description": "apns, in place of a key: the .p12 file in base64."},
              "certificate_password": {"type": "string", "minLength": 1, "description": "apns, with `certificate`: its password."},
              "topic": {"type": "string", "minLength": 1, "description": "apns: the app's bundle id."},
              "environment": {"type": "string", "enum": ["production", "sandbox"], "description": "apns: which of Apple's two."},
              "service_account": {"type": ["object", "string"], "additionalProperties": "FreeValue", "description": "fcm: the service account's JSON, as an object or as its text."},
              "url": {"type": "string", "minLength": 1, "description": "smtp: `smtp://HOST:PORT` or `smtps://HOST:PORT`."},
              "tls": {"type": "string", "enum": ["starttls", "implicit", "none"], "description": "smtp: otherwise `implicit` for smtps://, `starttls` for smtp://."},
              "username": {"type": "string", "minLength": 1, "description": "smtp: together with `password`, or not at all."},
              "password": {"type": "string", "minLength": 1, "description": "smtp: together with `username`."},
              "from": {"type": "string", "minLength": 3, "description": "smtp: the mailbox that mail comes from."},
              "ehlo_name": {"type": "string", "minLength": 1, "description": "smtp: how the gateway introduces itself; otherwise by the machine's name."},
              "max_connections": {"type": "integer", "minimum": 1, "maximum": 100, "default": 10, "description": "smtp: connections to the relay at once."},
              "dkim": {"type": "array", "description": "smtp: a signature for each key.", "items": {"type": "object", "required": ["domain", "selector", "private_key"], "additionalProperties": false, "description": "A key that mail is signed with.", "properties": {
                "domain": {"type": "string", "minLength": 1, "description": "The signing domain."},
                "selector": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[0-9A-Za-z_.-]+$", "description": "Names the DNS record: SELECTOR._domainkey.DOMAIN."},
                "algorithm": {"type": "string", "enum": ["rsa-sha256", "ed25519-sha256"], "default": "rsa-sha256", "description": "What the key is."},
                "private_key": {"type": "string", "minLength": 1, "description": "The key in PEM form."}}}}
            },
            "CredentialVerdict": {
              "version": {"type": "integer", "minimum": 0, "description": "Which version was tried."},
              "verdict": {"type": "string", "enum": ["works", "refused", "inconclusive"], "description": "`inconclusive`: nobody answered, or the answer says nothing about the credential."},
              "summary": {"type": "string", "description": "What was shown to work, or what is wrong and what to do."},
              "steps": {"type": "array", "description": "What was tried, in that order, up to the first that failed.", "items": "VerificationStep"}
            }
          },
          "schemas": {
            "Credential": {"type": "object", "description": "A credential, without its secrets.", "properties": {
              "org_id": {"type": "string", "description": "Whose it is."},
              "provider": {"type": "string", "enum": ["expo", "apns", "fcm", "smtp"], "description": "Whom it is for."},
              "name": {"type": "string", "description": "Its name."},
              "source": {"type": "string", "enum": ["file", "sealed"], "description": "Declared by an org file, or set and sealed in the database."},
              "file": {"type": ["string", "null"], "description": "The org file's name."},
              "version": {"type": "integer", "minimum": 1, "description": "Counted up by each change."},
              "set_at": {"$ref": "TimeOrNull", "description": "When this version was set."},
              "set_by": {"type": ["string", "null"], "description": "Who set it: an API key's id or a token's subject; null where nobody said."},
              "facts": {"$ref": "FreeData", "description": "What may be told of it, by the names of what is sent: `topic`, `project_id`, `url` …; of a certificate also its subject."},
              "fingerprint": {"type": ["string", "null"], "description": "Tells two secrets apart, and tells nothing about them."},
              "expires_at": {"$ref": "TimeOrNull", "description": "When it ends by itself, as certificates do."},
              "days_left": {"type": ["integer", "null"], "description": "Whole days until then; negative when it has ended."},
              "warnings": {"type": "array", "description": "What is no fault and should be known all the same.", "items": {"type": "string"}},
              "state": {"type": "string", "enum": ["ok", "throttled", "refused", "broken", "fallback", "unusable", "shadowed"],
                "description": "How it does: `refused` by the provider, so that deliveries wait; `fallback`: the newer version is refused, and deliveries go out with the one before; `broken`: the provider does not answer or fails; `unusable` here, for want of a key or for a fault in its file; `shadowed` by a file's."},
              "reason": {"type": ["string", "null"], "description": "Why it is not `ok`, and where a person has to act, what to do."},
              "next_probe_at": {"$ref": "TimeOrNull", "description": "When the provider is tried again."},
              "shadowed": {"type": "boolean", "description": "Whether an org file declares one of the same name, which is used in its place."},
              "previous": {"anyOf": [{"$ref": "PreviousCredential"}, {"type": "null"}], "description": "While a rotation lasts: the version before."}}},
            "PreviousCredential": {"type": "object", "description": "The version before the current one.", "properties": {
              "version": {"type": "integer", "minimum": 0, "description": "Its version; 0 where a file declares both."},
              "set_at": {"$ref": "TimeOrNull", "description": "When it was set."},
              "until": {"$ref": "TimeOrNull", "description": "When it is forgotten; null: when somebody ends the rotation."},
              "fingerprint": {"type": ["string", "null"], "description": "Of its secrets."},
              "expires_at": {"$ref": "TimeOrNull", "description": "When it ends by itself."}}},
            "RemovedCredential": {"type": "object", "description": "What was removed.", "properties": {
              "deleted": {"type": "boolean", "const": true, "description": "That it is gone."},
              "org_id": {"type": "string", "description": "Whose it was."},
              "provider": {"type": "string", "description": "Whom it was for."},
              "name": {"type": "string", "description": "Its name."},
              "now": {"anyOf": [{"$ref": "CredentialPlace"}, {"type": "null"}], "description": "What deliveries go out with from now on that ask for none by name; null: nothing."}}},
            "CredentialPlace": {"type": "object", "description": "Where a credential stands.", "properties": {
              "org_id": {"type": "string", "description": "Whose it is."},
              "name": {"type": "string", "description": "Its name."}}},
            "CredentialVerification": {"type": "object", "description": "What the provider says of a credential.", "spread": ["CredentialVerdict"], "properties": {
              "org_id": {"type": "string", "description": "Whose it is."},
              "provider": {"type": "string", "enum": ["expo", "apns", "fcm", "smtp"], "description": "Who was asked."},
              "name": {"type": "string", "description": "Its name."},
              "verified_at": {"$ref": "Time", "description": "When."},
              "previous": {"anyOf": [{"$ref": "PreviousVerification"}, {"type": "null"}], "description": "While a rotation lasts: the same for the version before."}}},
            "PreviousVerification": {"type": "object", "description": "What the provider says of the version before.", "spread": ["CredentialVerdict"], "properties": {}},
            "VerificationStep": {"type": "object", "description": "One thing that was tried.", "properties": {
              "name": {"type": "string", "description": "What: `connect`, `tls`, `auth`, `grant`, `send` …"},
              "verdict": {"type": "string", "enum": ["works", "refused", "inconclusive"], "description": "How it went."},
              "detail": {"type": "string", "description": "What was answered."}}}
          }
        }
        """#)
}
