import Foundation
import ServiceLifecycle

#if canImport(CLinux)
import CLinux
#endif

/// Keeps what is free in the heaps of the C library small.
///
/// glibc has a heap for each new thread, up to eight for each core, and what is free in one none of the others can use. With a thread for each mail on its way, and
/// bursts that come on other threads each time, what is free in all of them together would go on growing for hours.
struct Heaps: Service {
    /// Half of what glibc would have. With one or two a core, threads wait for each other, which costs a message a seventh more CPU.
    private static let perCore = 4
    /// Long beside the one or two milliseconds that it takes, and that the pages take to come back.
    private static let interval: Duration = .seconds(10)

    /// Before there are many threads: those that run already keep the heap that they have.
    static func bound() {
        #if canImport(CLinux)
        clinux_bound_heaps(CInt(clamping: perCore * ProcessInfo.processInfo.activeProcessorCount))
        #endif
    }

    /// Gives pages that are free back to the system, again and again.
    func run() async {
        #if canImport(CLinux)
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.interval)) != nil { clinux_trim_heaps() }
        }
        #else
        try? await gracefulShutdown()
        #endif
    }
}
