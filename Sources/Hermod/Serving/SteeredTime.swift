import CLinux
import Domain
import Glibc

/// The machine's clock with what a file adds to it: how a proof lets hours pass, or has the clock jump, without touching the machine.
///
/// The file holds two 64-bit numbers of microseconds, which others change while it is mapped here: time that has passed besides the machine's own, felt by
/// everything, and a jump, felt by whoever looks at the calendar alone.
///
/// Unchecked: the pointer is only read from, a whole word at a time.
struct SteeredTime: TimeSource, @unchecked Sendable {
    static let size = 16

    private let base = SystemTime()
    private let numbers: UnsafeRawPointer

    // Mapped read-only for the rest of the process's life.
    private init(_ numbers: UnsafeRawPointer) {
        self.numbers = numbers
    }

    init(path: String) throws(StartFault) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StartFault("\(path) can't be opened: \(String(cString: strerror(errno)))") }
        defer { _ = close(descriptor) }
        guard lseek(descriptor, 0, SEEK_END) >= Self.size, let numbers = mmap(nil, Self.size, PROT_READ, MAP_SHARED, descriptor, 0),
            numbers != MAP_FAILED
        else { throw StartFault("\(path) is no clock file") }
        self.init(UnsafeRawPointer(numbers))
    }

    private var passed: Duration { .microseconds(clinux_read(numbers)) }
    private var jump: Duration { .microseconds(clinux_read(numbers + 8)) }

    var now: Timestamp { base.now + passed + jump }
    var elapsed: Duration { base.elapsed + passed }

    /// As of the machine's clock, a jump does not wake a sleeper: only time does.
    func sleep(until deadline: Timestamp) async throws {
        let end = elapsed + (deadline - now)
        while elapsed < end { try await Task.sleep(for: min(end - elapsed, .milliseconds(20))) }
    }
}
