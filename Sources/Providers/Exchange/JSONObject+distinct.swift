import Domain

extension JSONObject {
    /// Members with the last of equal names only: providers refuse, or read in their own way, what stands twice.
    var distinctMembers: [Member] {
        var latest: [String: Int] = [:]
        for (index, member) in members.enumerated() { latest[member.key] = index }
        guard latest.count < members.count else { return members }
        return members.enumerated().filter { latest[$0.element.key] == $0.offset }.map(\.element)
    }
}
