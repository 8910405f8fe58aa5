import Domain
import Testing

struct TokenFormTests {
    static let hex = String(repeating: "0aF", count: 22)  // 66 digits

    @Test(
        arguments: [
            ("ExponentPushToken[abc]", .ios, nil, .expo), ("ExpoPushToken[abc]", .android, nil, .expo), ("ExpoPushToken[abc]", nil, nil, .expo),
            (hex, .ios, nil, .apns), (hex, nil, nil, .apns), (hex, .web, nil, .apns), (hex, .android, nil, .fcm), ("dXk:APA91b", .ios, nil, .fcm),
            ("dXk:APA91b", .android, nil, .fcm), (hex, .ios, .fcm, .fcm), ("0b1f-uuid", .ios, .expo, .expo), ("ExponentPushToken[]", .ios, nil, .fcm),
            ("ExponentPushToken[a]b]", .ios, nil, .fcm), ("ExponentPushToken[a", .ios, nil, .fcm), (String(hex.dropLast()), .ios, nil, .fcm),
            (String(repeating: "a", count: 62), .ios, nil, .fcm), (String(repeating: "a", count: 402), .ios, nil, .fcm),
            (String(repeating: "g", count: 64), .ios, nil, .fcm),
        ] as [(String, Platform?, ProviderName?, ProviderName)])
    func `the provider follows from the caller's word, the platform and the form`(
        token: String, platform: Platform?, declared: ProviderName?, provider: ProviderName
    ) {
        #expect(TokenForm.provider(of: token, platform: platform, declared: declared) == provider)
    }
}
