import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Standard output or error, written a whole line at a time and without a buffer: what has been said is seen, though the process be killed the next moment.
struct StandardStream: Sendable {
    static let output = StandardStream(descriptor: 1)
    static let error = StandardStream(descriptor: 2)

    private let descriptor: Int32
    private static let turn = Mutex(())

    func write(_ bytes: [UInt8]) {
        Self.turn.withLock { _ in
            bytes.withUnsafeBytes { buffer in
                var rest = buffer[...]
                while let start = rest.baseAddress {
                    let count = systemWrite(descriptor, start, rest.count)
                    if count > 0 { rest = rest.dropFirst(count) }
                    // Nobody reads any more, or the disk behind it is full: there is nowhere left to complain.
                    if rest.isEmpty || (count < 0 && errno != EINTR) { return }
                }
            }
        }
    }

    func line(_ text: String) { write(Array("\(text)\n".utf8)) }
}

private func systemWrite(_ descriptor: Int32, _ start: UnsafeRawPointer, _ count: Int) -> Int {
    #if canImport(Glibc)
    Glibc.write(descriptor, start, count)
    #else
    Darwin.write(descriptor, start, count)
    #endif
}

extension Slice where Base == UnsafeRawBufferPointer {
    fileprivate var baseAddress: UnsafeRawPointer? { isEmpty ? nil : UnsafeRawBufferPointer(rebasing: self).baseAddress }
}
