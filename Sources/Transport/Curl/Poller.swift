internal import CLinux

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// epoll, and an eventfd by which other threads end its wait. All but `wakeUp` belongs to the loop's thread.
final class Poller: @unchecked Sendable {
    /// What a wait reports about one socket.
    struct Event {
        var lane: Lane
        var socket: Int32
        var flags: UInt32
    }

    private let epoll: Int32
    private let wake: Int32
    /// What a socket is watched for, and what the kernel knows of it: libcurl changes its mind several times in a turn, the kernel is told once.
    private struct Watch {
        var lane: Lane
        var wanted: UInt32
        var told: UInt32?
    }

    private var watches: [Int32: Watch] = [:]
    private var changed: [Int32] = []
    private var buffer = [epoll_event](repeating: epoll_event(), count: 64)

    init() throws(TransportFailure) {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard epoll >= 0, wake >= 0 else {
            throw TransportFailure(kind: .local, message: "epoll_create1 or eventfd failed (errno \(errno)); raise the limit of open files")
        }
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(fd: wake))
        epoll_ctl(epoll, EPOLL_CTL_ADD, wake, &event)
    }

    deinit {
        close(epoll)
        close(wake)
    }

    /// From any thread.
    func wakeUp() {
        var one: UInt64 = 1
        _ = write(wake, &one, 8)
    }

    func watch(_ socket: Int32, for flags: UInt32, of lane: Lane) {
        let told = watches[socket]?.told
        watches[socket] = Watch(lane: lane, wanted: flags, told: told)
        if told != flags { changed.append(socket) }
    }

    /// Before the socket is closed: its number may be used again at once.
    func forget(_ socket: Int32) {
        guard watches.removeValue(forKey: socket)?.told != nil else { return }
        var event = epoll_event()
        epoll_ctl(epoll, EPOLL_CTL_DEL, socket, &event)
    }

    private func tellKernel() {
        for socket in changed {
            guard let watch = watches[socket], watch.told != watch.wanted else { continue }
            var event = epoll_event(events: watch.wanted, data: epoll_data_t(fd: socket))
            // libcurl may close a socket of its own, the resolver's, without a word in between; the kernel has forgotten it then.
            if epoll_ctl(epoll, watch.told == nil ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event) != 0 {
                epoll_ctl(epoll, watch.told == nil ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event)
            }
            watches[socket]?.told = watch.wanted
        }
        changed.removeAll(keepingCapacity: true)
    }

    /// `milliseconds` below 0 waits for ever.
    func wait(milliseconds: Int, _ report: (Event) -> Void) {
        tellKernel()
        let count = epoll_wait(epoll, &buffer, Int32(buffer.count), Int32(clamping: milliseconds))
        guard count > 0 else { return }
        for event in buffer[..<Int(count)] {
            let socket = event.data.fd
            if socket == wake {
                var value: UInt64 = 0
                _ = read(wake, &value, 8)
            } else if let lane = watches[socket]?.lane {
                report(Event(lane: lane, socket: socket, flags: event.events))
            }
        }
    }
}
