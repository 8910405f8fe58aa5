/// Device tokens of the right form.
enum Device {
    static let apns = String(repeating: "c0ffee00", count: 8)
    static let fcm = "dQw4w9WgXcQ:APA91b" + String(repeating: "Ab3_", count: 33)
    static let expo = "ExponentPushToken[xxxxxxxxxxxxxxxxxxxxxx]"

    /// A token that asks for its own fate: the words in hex, filled up with zeros.
    static func apns(_ words: String) -> String {
        let hex = words.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        return hex + String(repeating: "0", count: max(0, 64 - hex.count))
    }
}
