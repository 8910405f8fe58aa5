import Domain
import Synchronization

/// Where the master keys come from: `vault.master_key`, followed. A file is read again, a variable is as it was at the start.
///
/// Keys that were good stay in use when their file goes or becomes faulty: a slip of whoever changes it must not take credentials away.
public final class MasterKeySource: Sendable {
    struct Reading: Sendable {
        var keys: MasterKeys
        /// Counted up whenever other keys, or other words about them, were found.
        var generation = 0
        /// Why there are none, or none newer, in words that follow `vault.master_key`.
        var problem: String?
        fileprivate var text: Secret?
    }

    private let reference: String
    private let environment: [String: String]
    private let state: Mutex<Reading>

    /// A reference that leads nowhere is no fault: credentials in files need no master key.
    ///
    /// Throws for a text that is there and holds no keys.
    ///
    /// - Parameter reference: `env:NAME` or `file:PATH`; empty: none.
    public init(reference: String, environment: [String: String]) throws(MasterKeys.Fault) {
        self.reference = reference
        self.environment = environment.filter { reference == "env:" + $0.key }
        var first = Reading(keys: MasterKeys())
        switch Self.follow(reference, self.environment) {
        case .success(let text):
            first.keys = try MasterKeys(text)
            first.text = text
        case .failure(let missing):
            first.problem = missing.description
        }
        state = Mutex(first)
    }

    var reading: Reading { state.withLock { $0 } }

    /// The ids of the keys that are at hand, the one that seals first.
    public var ids: [String] { reading.keys.ids }

    /// Why there are no keys, or why those of before are still in use; in words that follow `vault.master_key`.
    public var problem: String? { reading.problem }

    /// True where a new key is taken up without a restart.
    public var isReadAgain: Bool { reference.hasPrefix("file:") }

    /// Reads a file again.
    /// - Returns: whether anything is new: other keys, or other words about them.
    @discardableResult
    func refresh() -> Bool {
        guard isReadAgain else { return false }
        let found = Self.follow(reference, environment)
        return state.withLock { state in
            var next = state
            switch found {
            case .success(let text):
                guard text != state.text || state.problem != nil else { return false }
                do throws(MasterKeys.Fault) {
                    next.keys = try MasterKeys(text)
                    next.text = text
                    next.problem = nil
                } catch {
                    next.problem = error.description
                }
            case .failure(let missing):
                next.problem = missing.description
            }
            guard next.text != state.text || next.problem != state.problem else { return false }
            next.generation += 1
            state = next
            return true
        }
    }

    private static func follow(_ reference: String, _ environment: [String: String]) -> Result<Secret, ReferencedSecret.Missing> {
        guard !reference.isEmpty else { return .failure(.init(description: "is empty; set it to env:NAME or file:PATH")) }
        do throws(ReferencedSecret.Missing) {
            return .success(try ReferencedSecret.read(reference, environment: environment))
        } catch {
            return .failure(error)
        }
    }
}
