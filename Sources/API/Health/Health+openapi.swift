extension Health {
    static let openAPI = OpenAPIFragment(
        #"""
        {
          "tag": "health",
          "about": "What load balancers ask. No credential is needed.",
          "operations": {
            "GET /healthz": {
              "id": "getHealth", "summary": "Does the process live?",
              "description": "Answers as long as the process can answer at all; says nothing about its database.",
              "answers": {"200": {"description": "It lives.", "schema": {"type": "object", "properties": {
                "status": {"type": "string", "const": "ok", "description": "Always `ok`."}}}, "example": {"status": "ok"}}}
            },
            "GET /readyz": {
              "id": "getReadiness", "summary": "Can it be given work?",
              "description": "Looks whether lanes are served and the database answers. Faults in org files, credentials that need a person, and faults in the keys that JWTs are checked with are told, but are no reason to take the gateway out of service: the other orgs' files are good, and so are API keys.",
              "answers": {
                "200": {"description": "It can.", "schema": "Readiness",
                  "example": {"status": "ready", "checks": {"engine": "ok", "storage": "ok", "organisations": "ok", "credentials": "ok"}}},
                "503": {"description": "It can't at the moment; `checks` says why.", "headers": ["Retry-After"], "schema": "Readiness",
                  "example": {"status": "not ready", "checks": {"engine": "not serving lanes", "storage": "ok", "organisations": ["demo.yaml:7: credentials[0]: no such file"], "credentials": ["org_demo/smtp/main: refused: the provider refuses it (5.7.8); its deliveries wait until it is mended, and one of them tries again at 2026-11-21T09:30:00Z"]}}}
              }
            }
          },
          "schemas": {
            "Readiness": {"type": "object", "properties": {
              "status": {"type": "string", "enum": ["ready", "not ready"], "description": "All in one."},
              "checks": {"type": "object", "description": "What was looked at.", "properties": {
                "engine": {"type": "string", "enum": ["ok", "not serving lanes"], "description": "Whether deliveries are being made."},
                "storage": {"type": "string", "enum": ["ok", "does not answer"], "description": "Whether the database answers."},
                "organisations": {"type": ["string", "array"], "description": "`ok`, or what is wrong with org files, a sentence each.", "items": {"type": "string"}},
                "credentials": {"type": ["string", "array"], "description": "`ok`, or which credentials need a person and why, a sentence each, the first 50 of them.", "items": {"type": "string"}},
                "tokens": {"type": ["string", "array"], "description": "`ok`, or what is wrong with the keys that JWTs are checked with, a sentence each. Only where JWTs are accepted.", "items": {"type": "string"}}},
                "optional": ["tokens"]}}}
          }
        }
        """#)
}
