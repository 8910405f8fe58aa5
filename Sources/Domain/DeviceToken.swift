/// A device as a user registered it. A token belongs to one user per org.
public struct DeviceToken: Sendable, Hashable {
    /// `dtoken-…`
    public var id: String
    public var orgID: String
    public var userID: String
    public var token: String
    public var platform: Platform
    public var provider: ProviderName
    /// The app that the token belongs to (bundle id, package name, Expo's `@owner/slug`), where whoever registered it said so: picks the credential.
    public var app: String?
    public var registeredAt: Timestamp
    public var lastUsedAt: Timestamp?
    /// Set when a provider or a caller said that the device is gone; the row is kept for audit and never targeted again.
    public var invalidatedAt: Timestamp?
    public var invalidationReason: String?

    public init(
        id: String, orgID: String, userID: String, token: String, platform: Platform, provider: ProviderName, app: String? = nil,
        registeredAt: Timestamp, lastUsedAt: Timestamp? = nil, invalidatedAt: Timestamp? = nil, invalidationReason: String? = nil
    ) {
        self.id = id
        self.orgID = orgID
        self.userID = userID
        self.token = token
        self.platform = platform
        self.provider = provider
        self.app = app
        self.registeredAt = registeredAt
        self.lastUsedAt = lastUsedAt
        self.invalidatedAt = invalidatedAt
        self.invalidationReason = invalidationReason
    }

    public static let idPrefix = "dtoken-"
}

/// What a token's form says about its provider.
public enum TokenForm {
    /// The provider for a token: the caller's word, else the platform where it settles the matter, else the token's form.
    ///
    /// `ExponentPushToken[…]` and `ExpoPushToken[…]` are Expo's on every platform; hex on iOS is APNs', hex on Android FCM's; all else is FCM's.
    public static func provider(of token: String, platform: Platform?, declared: ProviderName? = nil) -> ProviderName {
        if let declared { return declared }
        if isExpo(token) { return .expo }
        if platform != .android, isHex(token) { return .apns }
        return .fcm
    }

    /// `^Expo(nent)?PushToken\[[^\[\]]+\]$`
    public static func isExpo(_ token: String) -> Bool {
        guard token.hasSuffix("]") else { return false }
        for prefix in ["ExponentPushToken[", "ExpoPushToken["] where token.hasPrefix(prefix) {
            let inner = token.utf8.dropFirst(prefix.utf8.count).dropLast()
            return !inner.isEmpty && !inner.contains { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "]") }
        }
        return false
    }

    /// An even number of hex digits, 64 to 400: APNs promises no length, the upper bound is our own sanity.
    public static func isHex(_ token: String) -> Bool {
        func areHex(_ bytes: some Collection<UInt8>) -> Bool {
            bytes.count >= 64 && bytes.count <= 400 && bytes.count % 2 == 0
                && bytes.allSatisfy { (48...57).contains($0) || (97...102).contains($0 | 0x20) }
        }
        // A string gives its bytes one by one, and slowly.
        return token.utf8.withContiguousStorageIfAvailable { areHex($0) } ?? areHex(token.utf8)
    }
}
