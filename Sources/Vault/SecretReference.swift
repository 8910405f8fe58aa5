public import Domain
import Settings

/// Where a secret stands: `env:NAME`, or `file:PATH` relative to the org file's folder. Org files hold references, never secrets.
enum SecretReference: Hashable {
    case environment(String)
    case file(String)

    init?(_ text: String) {
        if text.hasPrefix("env:"), text.utf8.count > 4 {
            self = .environment(String(text.dropFirst(4)))
        } else if text.hasPrefix("file:"), text.utf8.count > 5 {
            self = .file(String(text.dropFirst(5)))
        } else {
            return nil
        }
    }

    static func path(_ path: String, in folder: String) -> String { path.hasPrefix("/") ? path : "\(folder)/\(path)" }

    static var kind: SettingKind<SecretReference> {
        SettingKind("a reference, env:NAME or file:PATH; the secret itself does not belong in this file", mayBeShown: false) { SecretReference($0) }
    }
}

/// Follows references, and keeps a list of them. What it can't follow it says in words, with what to do.
final class SecretSource {
    struct Missing: Error, CustomStringConvertible {
        var description: String
    }

    private(set) var references: Set<SecretReference> = []
    private let folder: String
    private let environment: [String: String]

    /// - Parameter folder: where relative paths start.
    init(folder: String, environment: [String: String]) {
        self.folder = folder
        self.environment = environment
    }

    func bytes(of reference: SecretReference) throws(Missing) -> [UInt8] {
        references.insert(reference)
        switch reference {
        case .environment(let name):
            guard let value = environment[name], !value.isEmpty else {
                throw Missing(
                    description: "names the environment variable \(name), which is not set; export \(name) before the start, or use file:PATH")
            }
            return Array(value.utf8)
        case .file(let path):
            let full = SecretReference.path(path, in: folder)
            let bytes: [UInt8]
            do {
                bytes = try BoundedFile.read(full)
            } catch {
                throw Missing(description: "names \(full), which can't be used: \(error.reason)")
            }
            if bytes.isEmpty { throw Missing(description: "names \(full), which is empty") }
            return bytes
        }
    }

}

/// A secret that the gateway's own configuration refers to, as org files do.
public enum ReferencedSecret {
    /// Why there is none, in words that follow the key's name.
    public struct Missing: Error, Sendable, Hashable, CustomStringConvertible {
        public var description: String
    }

    /// Follows `env:NAME` or `file:PATH`. The line end that editors leave behind is not part of the secret.
    ///
    /// - Parameter folder: where relative paths start.
    public static func read(_ reference: String, folder: String = ".", environment: [String: String]) throws(Missing) -> Secret {
        guard let reference = SecretReference(reference) else { throw Missing(description: "is no reference, env:NAME or file:PATH") }
        do throws(SecretSource.Missing) {
            var bytes = try SecretSource(folder: folder, environment: environment).bytes(of: reference)
            while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
            return Secret(bytes)
        } catch {
            throw Missing(description: error.description)
        }
    }
}
