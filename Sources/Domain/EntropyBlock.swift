#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The system's random numbers, fetched 256 bytes at a time: `SystemRandomNumberGenerator` makes a system call for each, which is most of what an
/// id costs.
struct EntropyBlock: RandomNumberGenerator {
    /// As much as one call of `getentropy` may ask for (getentropy(3)).
    private static let words = 32
    private var block = [UInt64](repeating: 0, count: Self.words)
    private var used = Self.words

    mutating func next() -> UInt64 {
        if used == Self.words {
            let failed = block.withUnsafeMutableBytes { getentropy($0.baseAddress!, $0.count) } != 0
            // A kernel without the call: the library knows other ways.
            if failed {
                var system = SystemRandomNumberGenerator()
                return system.next()
            }
            used = 0
        }
        // No word is given out twice, and none that was given out stays in memory.
        defer {
            block[used] = 0
            used += 1
        }
        return block[used]
    }
}
