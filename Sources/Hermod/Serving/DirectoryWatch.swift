import API
import Logging
import ServiceLifecycle

/// Keeps the tree of organisations in step with the directory where another gateway on the same database has changed it.
///
/// What this gateway changes itself is in the tree at once; this is for the others' changes, a few seconds late.
struct DirectoryWatch: Service {
    static let interval: Duration = .seconds(5)

    let gateway: Gateway
    let logger: Logger

    func run() async {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.interval)) != nil {
                do {
                    try await gateway.refreshOrganisations()
                } catch {
                    logger.debug("directory not read", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
