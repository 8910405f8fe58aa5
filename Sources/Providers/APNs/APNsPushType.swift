/// Apple's push types. A lane's type follows from its topic: every type but the plain ones has a suffix of its own.
enum APNsPushType: String, Sendable, Hashable, CaseIterable {
    case alert
    case background
    case voip
    case complication
    case fileprovider
    case liveactivity
    case location
    case pushtotalk
    case widgets
    case controls

    /// What the topic has behind the bundle id.
    var suffix: String {
        switch self {
        case .alert, .background: ""
        case .voip: ".voip"
        case .complication: ".complication"
        case .fileprovider: ".pushkit.fileprovider"
        case .liveactivity: ".push-type.liveactivity"
        case .location: ".location-query"
        case .pushtotalk: ".voip-ptt"
        case .widgets: ".push-type.widgets"
        case .controls: ".push-type.controls"
        }
    }

    /// `alert` for a bare bundle id; whether a message is `background` instead depends on its content.
    init(topic: String) {
        self = Self.allCases.first { !$0.suffix.isEmpty && topic.hasSuffix($0.suffix) } ?? .alert
    }

    /// Bytes of payload that APNs takes.
    var payloadLimit: Int { self == .voip ? 5_120 : 4_096 }
}
