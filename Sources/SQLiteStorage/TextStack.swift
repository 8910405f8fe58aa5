/// Where the texts of running statements stand: left to copy them itself, SQLite would allocate for each of the twenty that a row has.
///
/// Statements run inside each other's loops and end in the opposite order, so their texts come and go like a stack's.
final class TextStack {
    private static let capacity = 16_384

    private let bytes = UnsafeMutableBufferPointer<CChar>.allocate(capacity: capacity)
    /// Where the next text begins: what `drop` is given when those from here on are no longer needed.
    private(set) var mark = 0

    deinit {
        bytes.deallocate()
    }

    /// A copy that stays until it is dropped; nil where there is no room for it.
    func push(_ text: UnsafeBufferPointer<UInt8>) -> UnsafePointer<CChar>? {
        guard text.count <= Self.capacity - mark, let base = bytes.baseAddress else { return nil }
        let place = base + mark
        if let first = text.baseAddress { UnsafeMutableRawPointer(place).copyMemory(from: first, byteCount: text.count) }
        mark += text.count
        return UnsafePointer(place)
    }

    func drop(to mark: Int) {
        self.mark = mark
    }
}
