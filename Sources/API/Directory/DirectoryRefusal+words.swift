import Domain
import Storage

extension DirectoryRefusal {
    /// The member at fault and what would be right; nil where the entry itself is out of the caller's reach.
    var fault: FieldFault? {
        switch self {
        case .hidden: nil
        case .unknownOrg(let id):
            FieldFault(pointer: "/org_id", detail: "names \(Printable.quoted(id)), no organisation that the caller may reach; put or import it first")
        case .unknownParent(let id):
            FieldFault(
                pointer: "/parent_id", detail: "names \(Printable.quoted(id)), no organisation that the caller may reach; put or import it first")
        case .parentNeeded:
            FieldFault(
                pointer: "/parent_id",
                detail: "is required: only a caller for all organisations may put one at the top; name one of the caller's own")
        case .circle(let ids):
            FieldFault(
                pointer: "/parent_id",
                detail: "would make the organisation its own ancestor: " + ids.map { Printable.ascii($0) }.joined(separator: " below "))
        case .unknownUser(let id):
            FieldFault(pointer: "/user_id", detail: "names \(Printable.quoted(id)), no user that the caller may reach; put or import the user first")
        }
    }

    /// - Parameter kind: of the entry that was refused.
    func problem(_ kind: DirectoryEntry.Kind) -> Problem {
        // A certification's user stands in its path.
        if case .unknownUser = self { return .notFound(DirectoryEntry.Kind.user.rawValue) }
        guard let fault else { return .notFound(kind.rawValue) }
        var faults = Faults()
        faults.add(fault.pointer, fault.detail)
        return .invalid(faults)
    }

    /// For the report of an import.
    func detail(_ kind: DirectoryEntry.Kind) -> String {
        guard let fault else { return "/id: is taken by \(kind == .organisation ? "an" : "a") \(kind.rawValue) out of the caller's reach" }
        return "\(fault.pointer): \(fault.detail)"
    }
}
