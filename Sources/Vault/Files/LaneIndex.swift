import Domain

/// Which lanes an org has, found without looking through them: an org may have a thousand.
struct LaneIndex {
    private struct Place: Hashable {
        var orgID: String
        var provider: ProviderName
    }

    private struct Lanes {
        var first: LaneKey
        var names: Set<String> = []
        var byApp: [String: LaneKey] = [:]
        /// The first that names no app; where all do, the first of which it isn't known.
        var general: LaneKey?
        var unknown: LaneKey?
    }

    private var places: [Place: Lanes] = [:]

    /// Of several that would do, the one that was added first is taken.
    ///
    /// - Parameter apps: nil where that can't be known: the credential is faulty.
    mutating func add(_ lane: LaneKey, apps: Set<String>?) {
        let place = Place(orgID: lane.orgID, provider: lane.provider)
        var lanes = places.removeValue(forKey: place) ?? Lanes(first: lane)
        lanes.names.insert(lane.credential)
        if let apps {
            for app in apps where lanes.byApp[app] == nil { lanes.byApp[app] = lane }
            if apps.isEmpty, lanes.general == nil { lanes.general = lane }
        } else if lanes.unknown == nil {
            lanes.unknown = lane
        }
        places[place] = lanes
    }

    func lane(of orgID: String, _ provider: ProviderName, name: String) -> LaneKey? {
        guard let lanes = places[Place(orgID: orgID, provider: provider)], lanes.names.contains(name) else { return nil }
        return LaneKey(orgID: orgID, provider: provider, credential: name)
    }

    func first(of orgID: String, _ provider: ProviderName) -> LaneKey? { places[Place(orgID: orgID, provider: provider)]?.first }

    func lane(of orgID: String, _ provider: ProviderName, app: String) -> LaneKey? { places[Place(orgID: orgID, provider: provider)]?.byApp[app] }

    /// For an app that nobody names. A faulty credential is taken rather than an ancestor's: its org must not slip there because of a typing error.
    func general(of orgID: String, _ provider: ProviderName) -> LaneKey? {
        let lanes = places[Place(orgID: orgID, provider: provider)]
        return lanes?.general ?? lanes?.unknown
    }
}
