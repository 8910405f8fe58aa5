extension Metrics {
    static let openAPI = OpenAPIFragment(
        #"""
        {
          "tag": "metrics",
          "about": "What monitoring asks.",
          "operations": {
            "GET /metrics": {
              "id": "getMetrics", "summary": "Counters and gauges for Prometheus",
              "description": "In the text format 0.0.4. On loopback nobody is asked for a credential. Where the gateway listens elsewhere, or `metrics.token` is configured, that token is asked for, or the credential of a `global_admin`.",
              "answers": {"200": {"description": "The metrics.", "type": "text/plain", "schema": {"type": "string"},
                "example": "# HELP hermod_ready 1 while lanes are served.\n# TYPE hermod_ready gauge\nhermod_ready 1\n"}},
              "problems": {"401": "A credential is asked for here, and none that is good was sent.", "403": "The caller is not a `global_admin`."}
            }
          }
        }
        """#)
}
