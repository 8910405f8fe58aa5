#if canImport(CLinux)
import CLinux
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A process that holds secrets keeps them to itself: it leaves no core file, and other processes of the same user can neither attach to it nor read its
/// memory or the environment that it was started with (prctl(2), PR_SET_DUMPABLE; proc(5)).
enum PrivateProcess {
    static func begin() throws(StartFault) {
        #if canImport(CLinux)
        guard clinux_forbid_dumps() == 0 else {
            throw StartFault("the process can't be shut off from debuggers: \(String(cString: strerror(errno)))")
        }
        #endif
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        #if canImport(Glibc)
        let result = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        #else
        let result = setrlimit(RLIMIT_CORE, &none)
        #endif
        guard result == 0 else { throw StartFault("core files can't be forbidden: \(String(cString: strerror(errno)))") }
    }
}
