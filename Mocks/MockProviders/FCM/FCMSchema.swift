/// The fields of FCM's Message and what may stand in them (FCM v1 discovery document).
indirect enum FCMType: Sendable {
    case string
    case bool
    case number
    /// Seconds as `"3.5s"`.
    case duration
    case stringMap
    case list(FCMType)
    case oneOf(Set<String>)
    /// A google.protobuf.Struct: any object.
    case anything
    case message([String: FCMType])
}

enum FCMSchema {
    static let request: FCMType = .message(["validate_only": .bool, "message": message])

    static let message: FCMType = .message([
        "name": .string, "token": .string, "topic": .string, "condition": .string, "fid": .string, "data": .stringMap,
        "notification": .message(["title": .string, "body": .string, "image": .string]),
        "android": android, "apns": apns, "webpush": webpush, "fcm_options": .message(["analytics_label": .string]),
    ])

    private static let android: FCMType = .message([
        "collapse_key": .string, "priority": .oneOf(["NORMAL", "HIGH", "normal", "high"]), "ttl": .duration, "restricted_package_name": .string,
        "data": .stringMap, "notification": androidNotification, "fcm_options": .message(["analytics_label": .string]), "direct_boot_ok": .bool,
        "bandwidth_constrained_ok": .bool, "restricted_satellite_ok": .bool,
    ])

    private static let androidNotification: FCMType = .message([
        "title": .string, "body": .string, "icon": .string, "color": .string, "sound": .string, "tag": .string, "click_action": .string,
        "body_loc_key": .string, "body_loc_args": .list(.string), "title_loc_key": .string, "title_loc_args": .list(.string),
        "channel_id": .string, "ticker": .string, "sticky": .bool, "event_time": .string, "local_only": .bool,
        "notification_priority": .oneOf([
            "PRIORITY_UNSPECIFIED", "PRIORITY_MIN", "PRIORITY_LOW", "PRIORITY_DEFAULT", "PRIORITY_HIGH", "PRIORITY_MAX",
        ]),
        "default_sound": .bool, "default_vibrate_timings": .bool, "default_light_settings": .bool, "vibrate_timings": .list(.duration),
        "visibility": .oneOf(["VISIBILITY_UNSPECIFIED", "PRIVATE", "PUBLIC", "SECRET"]), "notification_count": .number,
        "light_settings": .message([
            "color": .message(["red": .number, "green": .number, "blue": .number, "alpha": .number]), "light_on_duration": .duration,
            "light_off_duration": .duration,
        ]),
        "image": .string, "proxy": .oneOf(["PROXY_UNSPECIFIED", "ALLOW", "DENY", "IF_PRIORITY_LOWERED"]), "bypass_proxy_notification": .bool,
    ])

    private static let apns: FCMType = .message([
        "headers": .stringMap, "payload": .anything, "fcm_options": .message(["analytics_label": .string, "image": .string]),
        "live_activity_token": .string,
    ])

    private static let webpush: FCMType = .message([
        "headers": .stringMap, "data": .stringMap, "notification": .anything,
        "fcm_options": .message(["link": .string, "analytics_label": .string]),
    ])
}
