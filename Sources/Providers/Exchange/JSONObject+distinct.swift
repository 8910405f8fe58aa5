import Domain

extension JSONObject {
    /// Members with the last of equal names only: providers refuse, or read in their own way, what stands twice.
    var distinctMembers: [Member] {
        guard hasEqualNames else { return members }
        var latest: [String: Int] = [:]
        for (index, member) in members.enumerated() { latest[member.key] = index }
        return members.enumerated().filter { latest[$0.element.key] == $0.offset }.map(\.element)
    }

    /// Nearly every object is small, and comparing a few names is cheaper than hashing them.
    private var hasEqualNames: Bool {
        guard members.count <= 8 else { return Set(members.map(\.key)).count < members.count }
        return members.indices.contains { index in members[..<index].contains { $0.key == members[index].key } }
    }
}
