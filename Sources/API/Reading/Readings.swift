import Synchronization

/// What endpoints ask their requests for: members as pointers with `*` for any index, query parameters behind a question mark.
///
/// Nobody listens in production. Tests do, and hold `/openapi.json` against it: what a handler reads, the description has to know.
final class Readings: Sendable {
    typealias Note = @Sendable (String) -> Void

    /// Set while a handler runs: readers are made deep inside, where nobody knows for which endpoint.
    static let note = TaskLocal<Note?>(wrappedValue: nil)

    private let names = Mutex<[String: Set<String>]>([:])

    /// By endpoint (`POST /api/v1/notifications`).
    var all: [String: Set<String>] { names.withLock { $0 } }

    /// Runs a handler whose readers tell what they are asked.
    func noting<Reply>(_ endpoint: String, _ handler: () async throws -> Reply) async rethrows -> Reply {
        try await Self.note.withValue({ name in
            self.names.withLock { _ = $0[endpoint, default: []].insert(name) }
        }) {
            try await handler()
        }
    }
}
