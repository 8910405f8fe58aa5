import Foundation

#if canImport(CLinux)
import CLinux
#endif

/// How the process asks for its memory.
enum Memory {
    /// As many heaps as threads can run at once.
    ///
    /// glibc makes up to eight for each core, and what one has free none of the others can use: with a thread for each mail on its way, memory that is free in
    /// all of them together grows for as long as bursts find new orders to come in. Threads that run already keep the heap that they have.
    static func boundHeaps() {
        #if canImport(CLinux)
        _ = clinux_bound_arenas(CInt(clamping: max(2, ProcessInfo.processInfo.activeProcessorCount)))
        #endif
    }
}
