extension NotificationCollection {
    /// What the contracts that share a collection have in common.
    static let openAPI = OpenAPIFragment(
        #"""
        {
          "parameters": {
            "contract": {"name": "contract", "in": "query", "required": false,
              "description": "Only notifications that this contract has created. The two contracts share the path, and each of their notifications is shown in its own shape.",
              "schema": {"type": "string", "enum": ["push-dispatcher", "coordinator-notifications"]}, "example": "push-dispatcher"},
            "notification-id": {"name": "id", "in": "path", "required": true, "description": "The notification.",
              "schema": {"type": "string", "minLength": 1}, "example": "notif_d1e2f3"},
            "device-token": {"name": "token", "in": "path", "required": true,
              "description": "The device token, percent-encoded; brackets may stand as they are.",
              "schema": {"type": "string", "minLength": 1}, "example": "ExponentPushToken[xxxxxxxxxxxxxxxxxxxxxx]"}
          }
        }
        """#)
}
