private import Foundation

/// RFC 4648 base 64 with padding, on one line or on lines of 76.
enum Base64 {
    static func encode(_ bytes: some Collection<UInt8>) -> String { Data(bytes).base64EncodedString() }

    static func encodeLines(_ bytes: [UInt8]) -> [UInt8] {
        let encoded = Data(bytes).base64EncodedData(options: [.lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed])
        return Array(encoded)
    }
}
