internal import CZlib

/// The CRC of ISO/IEC 13239, as zlib, PNG and GitHub's tokens have it.
enum CRC32 {
    static func of(_ bytes: [UInt8]) -> UInt32 {
        UInt32(crc32(0, bytes, UInt32(bytes.count)))
    }
}
