import Domain
import Glibc
import Synchronization

/// The file by which the gateway's clock is steered; see `SteeredTime`.
final class ClockFile: Sendable {
    private let descriptor: Int32

    init(path: String) throws(StartFault) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0, ftruncate(descriptor, off_t(SteeredTime.size)) == 0 else {
            throw StartFault("\(path) can't be made: \(String(cString: strerror(errno)))")
        }
    }

    deinit { _ = close(descriptor) }

    func set(passed: Duration) { write(passed, at: 0) }
    func set(jump: Duration) { write(jump, at: 8) }

    private func write(_ duration: Duration, at offset: off_t) {
        var number = duration.microseconds
        _ = pwrite(descriptor, &number, 8, offset)
    }
}
