import Domain
import Storage
import Synchronization

/// Tells the tree of organisations what the directory says of them.
///
/// Readings may overtake each other: one that began before another was told is dropped, for that other one has seen all that it has.
final class OrgFeed: Sendable {
    private struct Turns {
        var begun = 0
        var told = 0
    }

    private let directory: DirectoryStore
    private let tree: any CredentialDirectory
    private let turns = Mutex(Turns())

    init(_ directory: DirectoryStore, to tree: any CredentialDirectory) {
        self.directory = directory
        self.tree = tree
    }

    func refresh() async throws {
        let turn = turns.withLock { turns in
            turns.begun += 1
            return turns.begun
        }
        let organisations = try await directory.organisations()
        turns.withLock { turns in
            guard turn > turns.told else { return }
            turns.told = turn
            tree.adopt(organisations)
        }
    }
}
