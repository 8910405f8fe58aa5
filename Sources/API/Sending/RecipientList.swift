import Domain

/// The users whom a call to many is for, in its order; and of what is no user id, why.
struct RecipientList: Sendable {
    struct Refusal: Sendable {
        /// Nil where the request has no text in that place.
        var userID: String?
        var reason: String
    }

    private let name: StaticString
    private(set) var userIDs: [String] = []
    /// Where in the request each of them stands.
    private var places: [Int] = []
    private(set) var refusals: [Refusal] = []
    /// What is wrong with the refused ones.
    private(set) var faults = Faults()

    init(_ reader: inout FieldReader, _ name: StaticString, limit: Int) {
        self.name = name
        let elements = reader.requiredArray("\(name)", limit: limit)
        userIDs.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            if let detail = Self.fault(in: element) {
                let pointer = pointer(index)
                faults.add(pointer, detail)
                refusals.append(Refusal(userID: element.string, reason: "\(pointer): \(detail)"))
            } else if let id = element.string {
                userIDs.append(id)
                places.append(index)
            }
        }
    }

    private static func fault(in element: JSON) -> String? {
        guard case .string(let id) = element else { return "must be a string, not \(element.kind)" }
        return id.isEmpty ? "must not be empty" : TextRule.id.fault(in: id)
    }

    private func pointer(_ index: Int) -> String { Pointer.element(name, index).text }

    /// The same with each user once, where they stand first.
    var folded: RecipientList {
        var seen: Set<String> = []
        return filtered { _, userID in seen.insert(userID).inserted }
    }

    /// Leaves out whom the caller may not reach.
    ///
    /// - Parameter refuse: is told of each of them and where the request names them.
    func reachable(_ orgs: RecipientOrgs, refuse: (_ pointer: String, _ userID: String) -> Void) -> RecipientList {
        filtered { index, userID in
            if orgs.org(of: userID) != nil { return true }
            refuse(pointer(index), userID)
            return false
        }
    }

    private func filtered(_ isKept: (_ index: Int, _ userID: String) -> Bool) -> RecipientList {
        var list = self
        let kept = userIDs.indices.filter { isKept(places[$0], userIDs[$0]) }
        list.userIDs = kept.map { userIDs[$0] }
        list.places = kept.map { places[$0] }
        return list
    }
}
