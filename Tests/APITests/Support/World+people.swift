import Domain
import Storage

@testable import API

extension World {
    /// Writes the directory, as its owners would.
    func know(_ entries: DirectoryEntry...) async throws {
        for outcome in try await stores.directory.put(entries, scope: .all) {
            if case .refused(let reason) = outcome { throw GaveUp(what: "the directory takes an entry: \(reason)") }
        }
    }
}
