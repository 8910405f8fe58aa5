import Domain
import Storage
import Synchronization

/// Which orgs stand below which.
struct OrgTree: Sendable {
    private let children: [String: [String]]

    init(_ organisations: [Organisation]) {
        var children: [String: [String]] = [:]
        for organisation in organisations {
            if let parent = organisation.parentID { children[parent, default: []].append(organisation.id) }
        }
        self.children = children
    }

    /// The org and all below it. A ring, which only a faulty directory can hold, ends where it began.
    func family(of root: String) -> Set<String> {
        var family: Set<String> = [root]
        var open = [root]
        while let org = open.popLast() {
            for child in children[org] ?? [] where family.insert(child).inserted { open.append(child) }
        }
        return family
    }
}

/// Keeps what `OrgTree` says about an org for as long as the directory stays the same: it is asked on every call.
final class OrgScopes: Sendable {
    private struct Known {
        var organisations: [Organisation] = []
        var scopes: [String: OrgScope] = [:]
    }

    private let known = Mutex(Known())

    func scope(of org: String, in organisations: [Organisation]) -> OrgScope {
        known.withLock { known in
            if known.organisations != organisations { known = Known(organisations: organisations) }
            if let scope = known.scopes[org] { return scope }
            let scope = OrgScope.orgs(OrgTree(organisations).family(of: org))
            known.scopes[org] = scope
            return scope
        }
    }
}
