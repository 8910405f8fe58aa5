import Foundation
import Glibc

/// The prover's working folder: private, and gone afterwards unless it is to be kept.
struct Folder: Sendable {
    let path: String

    /// - Parameter parent: where temporary files go.
    init(in parent: String) throws(StartFault) {
        var template = Array("\(parent)/hermod-prove-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw StartFault(
                "no folder can be made in \(parent): \(String(cString: strerror(errno)))", remedy: "set TMPDIR to one that can be written")
        }
        path = String(cString: made)
        for name in ["orgs", "keys"] {
            guard mkdir("\(path)/\(name)", 0o700) == 0 else { throw StartFault("\(path)/\(name): \(String(cString: strerror(errno)))") }
        }
    }

    /// As a whole or not at all: the gateway watches some of these files.
    func write(_ name: String, _ text: String) throws(StartFault) {
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"), options: .atomic)
        } catch {
            throw StartFault("\(path)/\(name) can't be written: \(error.localizedDescription)")
        }
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
