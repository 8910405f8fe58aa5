import CZlib

/// Unpacks request bodies with `Content-Encoding: gzip` or `deflate`, and packs answers.
enum Gzip {
    /// Nil when zlib has no memory.
    static func deflate(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        guard czlib_deflate_init_gzip(&stream) == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        var input = bytes
        // The bound is for the zlib wrapper; gzip's is 12 bytes longer.
        let bound = Int(deflateBound(&stream, UInt(bytes.count))) + 12
        var failed = false
        let output = [UInt8](unsafeUninitializedCapacity: bound) { target, count in
            input.withUnsafeMutableBufferPointer { source in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                failed = CZlib.deflate(&stream, Z_FINISH) != Z_STREAM_END
            }
            count = target.count - Int(stream.avail_out)
        }
        return failed ? nil : output
    }

    /// Nil when the bytes are no gzip or unpack to more than `limit`: a small body must not become a large one in memory.
    static func inflate(_ packed: [UInt8], limit: Int) -> [UInt8]? {
        var stream = z_stream()
        // 32: take gzip and zlib headers alike (zlib.h, inflateInit2).
        guard inflateInit2_(&stream, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 32_768)
        var input = packed
        return input.withUnsafeMutableBufferPointer { source in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            while true {
                let (status, produced) = chunk.withUnsafeMutableBufferPointer { target in
                    stream.next_out = target.baseAddress
                    stream.avail_out = UInt32(target.count)
                    return (CZlib.inflate(&stream, Z_NO_FLUSH), target.count - Int(stream.avail_out))
                }
                output.append(contentsOf: chunk.prefix(produced))
                guard output.count <= limit else { return nil }
                switch status {
                case Z_STREAM_END: return output
                case Z_OK where produced > 0 || stream.avail_in > 0: continue
                default: return nil
                }
            }
        }
    }
}
