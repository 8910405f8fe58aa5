import Dispatch

#if canImport(Glibc)
import Glibc
#endif

/// A stream that has an element whenever something in the watched folders may have changed, and at a steady beat besides.
///
/// Folders are watched rather than files: editors and secret stores replace a file by renaming another over it, which a watch on the file would miss.
final class FolderNotices: Sendable {
    /// Ends when the task that reads it is cancelled. Notices that come while one waits are folded into it.
    let stream: AsyncStream<Void>

    #if canImport(Glibc)
    private let inotify: Int32
    #endif

    init(everySeconds beat: Int) {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.stream = stream
        let queue = DispatchQueue(label: "hermod.folders")
        let timer = DispatchSource.makeTimerSource(queue: queue)
        timer.schedule(deadline: .now(), repeating: .seconds(beat), leeway: .milliseconds(100))
        timer.setEventHandler { continuation.yield() }
        #if canImport(Glibc)
        let inotify = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        self.inotify = inotify
        let reader = inotify >= 0 ? DispatchSource.makeReadSource(fileDescriptor: inotify, queue: queue) : nil
        reader?.setEventHandler {
            // The events' contents do not matter: whoever reads the stream looks at the files.
            var events = [UInt8](repeating: 0, count: 16_384)
            while read(inotify, &events, events.count) > 0 {}
            continuation.yield()
        }
        reader?.setCancelHandler { close(inotify) }
        reader?.resume()
        let sources: [any DispatchSourceProtocol] = [timer] + (reader.map { [$0] } ?? [])
        #else
        let sources: [any DispatchSourceProtocol] = [timer]
        #endif
        timer.resume()
        nonisolated(unsafe) let owned = sources  // touched once more only, by `cancel()`, which is thread-safe
        continuation.onTermination = { _ in for source in owned { source.cancel() } }
    }

    /// Watches these folders too. One that does not exist yet, or for which the system has no watch left, is looked at by the beat.
    func watch(_ folders: Set<String>) {
        #if canImport(Glibc)
        guard inotify >= 0 else { return }
        let mask = UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)
        // A folder that is watched already stays so; one that was deleted and made again is another one, which the system watches only when told again.
        for folder in folders { _ = inotify_add_watch(inotify, folder, mask) }
        #endif
    }
}
