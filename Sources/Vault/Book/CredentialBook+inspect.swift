import Domain
import Synchronization

extension CredentialBook {
    /// What the inspector said of a file's credential. Kept for a while: reading a thousand certificates takes time, and its warnings are about the date.
    struct Inspection {
        var facts: Result<CredentialFacts, CredentialFaults>
        var at: Timestamp

        static let lifetime: Duration = .seconds(3_600)
    }

    func inspect(_ credential: Credential) -> Result<CredentialFacts, CredentialFaults> {
        let now = time.now
        if let known = inspections.withLock({ $0[credential] }), now - known.at < Inspection.lifetime { return known.facts }
        return inspectAnew(credential, now)
    }

    /// Inspects what a list would have to wait for, half a lifetime before it would, and forgets what is not declared any more.
    func inspectAhead() async {
        let index = files.current
        let declared = Set(index.credentials.values).union(index.previous.values)
        let known = inspections.withLock { inspections in
            inspections = inspections.filter { declared.contains($0.key) }
            return inspections.mapValues(\.at)
        }
        let now = time.now
        for credential in declared where known[credential].map({ now - $0 >= Inspection.lifetime / 2 }) ?? true {
            guard !Task.isCancelled else { return }
            _ = inspectAnew(credential, now)
            await Task.yield()
        }
    }

    private func inspectAnew(_ credential: Credential, _ now: Timestamp) -> Result<CredentialFacts, CredentialFaults> {
        let facts: Result<CredentialFacts, CredentialFaults>
        do throws(CredentialFaults) { facts = .success(try inspector.inspect(credential, now: now)) } catch { facts = .failure(error) }
        inspections.withLock { $0[credential] = Inspection(facts: facts, at: now) }
        return facts
    }
}
