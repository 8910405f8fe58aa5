import Settings

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The folder of org files on disk.
struct OrgFolder {
    let path: String
    let environment: [String: String]

    /// All `.yaml` and `.yml` files by name, read and parsed; nil when the folder itself can't be read.
    func read() -> [(name: String, file: OrgFile)]? {
        names?.map { name in
            do throws(BoundedFile.Unreadable) {
                let text = try BoundedFile.text("\(path)/\(name)")
                return (name, OrgFile(text, name: name, folder: path, environment: environment))
            } catch {
                return (name, OrgFile(unreadable: SettingsFault(file: name, line: nil, path: "", message: "can't be read: \(error.reason)")))
            }
        }
    }

    /// Sorted, so that of two files that declare the same org the first by name wins wherever it runs. Hidden files are editors' own.
    var names: [String]? {
        guard let directory = opendir(path) else { return nil }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)) { String(cString: $0) }
            }
            if !name.hasPrefix("."), name.hasSuffix(".yaml") || name.hasSuffix(".yml") { names.append(name) }
        }
        return names.sorted()
    }

    /// What tells whether any of these files, or the list of org files, has changed: cheap enough to ask every few seconds.
    func fingerprint(with others: Set<String>) -> [String] {
        ((names ?? []).map { "\(path)/\($0)" } + others.sorted()).map { file in
            var status = stat()
            guard stat(file, &status) == 0 else { return "\(file) -" }
            #if canImport(Glibc)
            let modified = status.st_mtim
            #else
            let modified = status.st_mtimespec
            #endif
            return "\(file) \(status.st_ino) \(status.st_size) \(modified.tv_sec).\(modified.tv_nsec)"
        }
    }
}
