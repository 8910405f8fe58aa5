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

/// Keeps what the directory says about an org for a moment: it is asked on every call, and the directory may hold thousands of orgs.
final class OrgScopes: Sendable {
    /// How late a change of the tree may be noticed.
    private static let lifetime: Duration = .seconds(1)

    private struct Known {
        var tree: OrgTree
        var readAt: Timestamp
        var scopes: [String: OrgScope] = [:]
    }

    private let directory: any CredentialDirectory
    private let known = Mutex<Known?>(nil)

    init(_ directory: any CredentialDirectory) {
        self.directory = directory
    }

    /// The tree has changed by this gateway's own doing: the next call sees it so.
    func forget() { known.withLock { $0 = nil } }

    func scope(of org: String, now: Timestamp) -> OrgScope {
        known.withLock { known in
            var current: Known
            // A clock that was set back must not keep an old tree alive.
            if let last = known, now >= last.readAt, now < last.readAt + Self.lifetime {
                current = last
            } else {
                current = Known(tree: OrgTree(directory.organisations), readAt: now)
            }
            defer { known = current }
            if let scope = current.scopes[org] { return scope }
            let scope = OrgScope.orgs(current.tree.family(of: org))
            current.scopes[org] = scope
            return scope
        }
    }
}
