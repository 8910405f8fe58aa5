import Domain
import Synchronization

/// Which project a token belongs to, as far as Expo has told: the token itself doesn't, and one request may carry one project's only.
final class ExpoProjects: Sendable {
    private let known = Mutex(GenerationalCache<String, String>(capacity: 20_000))

    /// `@owner/slug`, as Expo names projects. Labels of split requests look otherwise.
    static func isProject(_ name: String) -> Bool { name.hasPrefix("@") }

    /// Empty while nothing is known.
    func project(of token: String) -> String {
        known.withLock { $0.use(token) } ?? ""
    }

    func learn(_ projects: [String: String]) {
        guard !projects.isEmpty else { return }
        known.withLock { known in
            for (token, project) in projects { known.insert(project, for: token) }
        }
    }
}
