import NIOCore
import Synchronization

/// What comes into a run, as server-sent events: `messages` with a list of them, `reset` when all was forgotten.
///
/// A burst is told in few events, and a slow reader gets the newest of what it missed: memory stays bounded by one event for each reader.
final class LiveEvents: EventSource {
    static let mostAtOnce = 200
    /// Soon enough for an eye, late enough to gather a burst.
    static let gathering = TimeAmount.milliseconds(50)
    static let heartbeat = TimeAmount.seconds(15)

    private let log: MessageLog
    private let loop: any EventLoop
    private var told: Int
    private var generation: Int
    private var write: ((ByteBuffer) -> Bool)?
    private var observer: Int?
    private var beating: RepeatedTask?
    private let bell = Bell()

    /// Set by whoever records a message, cleared by the event loop.
    private final class Bell: Sendable {
        let rings = Atomic<Bool>(false)
    }

    /// - Parameter after: the number of the last message that the reader knows.
    init(log: MessageLog, after: Int?, loop: any EventLoop) {
        self.log = log
        self.loop = loop
        let progress = log.progress
        told = min(after ?? progress.received, progress.received)
        generation = progress.generation
    }

    func start(write: @escaping (ByteBuffer) -> Bool) {
        self.write = write
        _ = write(ByteBuffer(string: "retry: 1000\n\n"))
        let (bell, loop) = (bell, loop)
        let bound = NIOLoopBound(self, eventLoop: loop)
        observer = log.observe {
            guard !bell.rings.exchange(true, ordering: .acquiringAndReleasing) else { return }
            loop.scheduleTask(in: Self.gathering) { bound.value.tell() }
        }
        // So that proxies keep the line open, and a reader that is gone is noticed.
        beating = loop.scheduleRepeatedTask(initialDelay: Self.heartbeat, delay: Self.heartbeat) { _ in
            _ = bound.value.write?(ByteBuffer(string: ": still here\n\n"))
            bound.value.tell()
        }
        tell()
    }

    func stop() {
        write = nil
        if let observer { log.endObserving(observer) }
        observer = nil
        beating?.cancel()
    }

    private func tell() {
        bell.rings.store(false, ordering: .releasing)
        guard let write else { return }
        let progress = log.progress
        if progress.generation != generation {
            guard write(ByteBuffer(string: "event: reset\ndata: {}\n\n")) else { return }
            generation = progress.generation
        }
        guard progress.received > told else { return }
        let news = log.messages(MessageFilter(accepted: nil, after: told), limit: Self.mostAtOnce)
        guard let last = news.last else { return }
        let data = String(decoding: JSON.array(news.map(\.brief)).encoded, as: UTF8.self)
        if write(ByteBuffer(string: "event: messages\nid: \(last.number)\ndata: \(data)\n\n")) { told = last.number }
    }
}
