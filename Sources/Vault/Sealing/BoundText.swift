/// Texts put together so that no two different lists give the same bytes: each one behind its length.
struct BoundText {
    private(set) var bytes: [UInt8] = []

    init(_ texts: [String]) {
        for text in texts {
            let utf8 = Array(text.utf8)
            for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: utf8.count >> shift)) }
            bytes += utf8
        }
    }
}
