internal import CZlib

/// RFC 1952, by zlib.
enum Gzip {
    /// nil where zlib has no memory left.
    static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        guard czlib_deflate_init_gzip(&stream) == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        return bytes.withUnsafeBufferPointer { input in
            // deflateBound promises room for everything in one call.
            let capacity = Int(deflateBound(&stream, UInt(input.count)))
            var isComplete = false
            let output = [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
                // Read only: zlib's input pointer lacks a const.
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(capacity)
                isComplete = deflate(&stream, Z_FINISH) == Z_STREAM_END
                count = capacity - Int(stream.avail_out)
            }
            return isComplete ? output : nil
        }
    }
}
