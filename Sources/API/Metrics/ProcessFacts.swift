#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What the system says of this process, by the names that Prometheus' own clients use. What can't be known is nil.
struct ProcessFacts {
    var cpuSeconds: Double?
    var residentBytes: Double?
    var virtualBytes: Double?
    var openFiles: Double?
    var maxFiles: Double?
    /// Since 1970.
    var startSeconds: Double?

    init() {
        var usage = rusage()
        #if canImport(Glibc)
        let asked = getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        #else
        let asked = getrusage(RUSAGE_SELF, &usage)
        #endif
        if asked == 0 { cpuSeconds = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime) }
        #if os(Linux)
        readProc()
        #endif
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

    #if os(Linux)
    /// proc(5): the fields of `stat` behind the name, which stands in parentheses and may hold anything.
    private mutating func readProc() {
        if let text = Self.read("/proc/self/stat"), let end = text.lastIndex(of: ")") {
            let fields = text[text.index(after: end)...].split(separator: " ")
            // The third field is the first one here; vsize is the 23rd, rss the 24th, starttime the 22nd.
            func field(_ number: Int) -> Double? { fields.indices.contains(number - 3) ? Double(fields[number - 3]) : nil }
            virtualBytes = field(23)
            residentBytes = field(24).map { $0 * Double(sysconf(Int32(_SC_PAGESIZE))) }
            if let ticks = field(22), let boot = Self.bootSeconds { startSeconds = boot + ticks / Double(sysconf(Int32(_SC_CLK_TCK))) }
        }
        openFiles = Self.countFiles()
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 { maxFiles = Double(limit.rlim_cur) }
    }

    /// Does not change while the machine runs, and reading it costs the kernel a line for every interrupt.
    private static let bootSeconds: Double? = read("/proc/stat").flatMap { text in
        text.split(separator: "\n").first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst(6)) }
    }

    private static func countFiles() -> Double? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        // Not the two names of the folder itself and its parent, nor the file that this very look has open.
        var count = -3
        while readdir(folder) != nil { count += 1 }
        return Double(max(count, 0))
    }

    private static func read(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while bytes.count < 1 << 20 {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
    #endif
}
