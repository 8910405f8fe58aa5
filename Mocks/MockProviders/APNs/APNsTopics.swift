/// Which topic goes with which push type (Apple, "Sending notification requests to APNs").
enum APNsTopics {
    static let suffixes: [String: String] = [
        "alert": "", "background": "", "location": ".location-query", "voip": ".voip", "complication": ".complication",
        "fileprovider": ".pushkit.fileprovider", "liveactivity": ".push-type.liveactivity", "pushtotalk": ".voip-ptt",
        "widgets": ".push-type.widgets", "controls": ".push-type.controls",
    ]

    /// `mdm` has the UID of its certificate for a topic, so no suffix can be checked.
    static func isPushType(_ name: String) -> Bool { suffixes[name] != nil || name == "mdm" }

    static func knows(_ topic: String, bundle: String) -> Bool {
        topic == bundle || (topic.hasPrefix(bundle) && suffixes.values.contains(String(topic.dropFirst(bundle.count))))
    }

    static func fits(_ topic: String, pushType: String, bundle: String) -> Bool {
        guard let suffix = suffixes[pushType] else { return true }
        return topic == bundle + suffix
    }
}
