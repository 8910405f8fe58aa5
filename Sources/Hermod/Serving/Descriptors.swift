#if canImport(CLinux)
import CLinux
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// How many files and connections the process may have open at a time, and how they are shared out.
///
/// Running out of them is not an error like others: libdispatch looks after its threads in /proc, and ends the process when it may open nothing. So callers,
/// of whom there can be any number, never get all.
enum Descriptors {
    /// Raises the limit to what the system allows (setrlimit(2), RLIMIT_NOFILE).
    ///
    /// - Returns: the limit that holds then.
    static func raise() -> Int {
        #if canImport(Glibc)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
        let resource = RLIMIT_NOFILE
        #endif
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 1_024 }
        let before = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        if setrlimit(resource, &limit) != 0 { limit.rlim_cur = before }
        return Int(clamping: limit.rlim_cur)
    }

    /// Connections that callers may have: the rest is for providers, relays and the database, at least 256 where there are so many.
    static func forCallers(of limit: Int) -> Int {
        limit - min(max(limit / 4, 256), limit * 3 / 4)
    }

    /// Below which the numbers of sockets to providers have to be: the last 64 are left to mail, the database, files, look-ups of names, and libdispatch.
    static func socketCeiling(of limit: Int) -> Int { limit - min(64, limit / 4) }
}
