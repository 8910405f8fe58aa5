public import Domain

extension OrgFiles {
    /// Watches the folder and the referenced secret files until the task is cancelled; calls `onChange` with the lanes whose credentials are new, changed or gone.
    ///
    /// The system's notices wake it at once where there are any; every few seconds it looks for itself, for network file systems give none.
    public func watch(onChange: @Sendable @escaping (Set<LaneKey>) async -> Void) async throws {
        let disk = OrgFolder(path: folder, environment: environment)
        let notices = FolderNotices(everySeconds: 5)
        notices.watch(foldersToWatch)
        // What has changed between the first reading and the first notice is found by reading once more.
        var seen: [String] = []
        for await _ in notices.stream {
            let current = disk.fingerprint(with: secretFiles)
            guard current != seen else { continue }
            seen = current
            let changed = reload()
            // A new reference may point into a folder that was not watched so far.
            notices.watch(foldersToWatch)
            if !changed.isEmpty { await onChange(changed) }
        }
        try Task.checkCancellation()
    }

    private var foldersToWatch: Set<String> {
        var folders: Set<String> = [folder]
        for file in secretFiles {
            if let slash = file.lastIndex(of: "/"), slash != file.startIndex { folders.insert(String(file[..<slash])) }
        }
        return folders
    }
}
