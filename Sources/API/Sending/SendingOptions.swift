import Domain

/// The optional fields of every POST that sends, beside what its contract names.
struct SendingOptions: Sendable, Hashable {
    var provider: ProviderName?
    var credential: String?
    var expiresAt: Timestamp?
    var collapseID: String?
    var priority = Priority.high

    static let pushProviders: [ProviderName] = [.expo, .apns, .fcm]

    init(provider: ProviderName?, credential: String?, expiresAt: Timestamp?, collapseID: String?, priority: Priority) {
        self.provider = provider
        self.credential = credential
        self.expiresAt = expiresAt
        self.collapseID = collapseID
        self.priority = priority
    }

    /// - Parameter defaults: what holds for the whole call, where a part of it may say otherwise.
    init(_ reader: inout FieldReader, providers: [ProviderName] = pushProviders, defaults: SendingOptions? = nil) {
        provider = reader.word("provider", of: providers) ?? defaults?.provider
        credential = Self.notEmpty("credential", reader.text("credential", .id), &reader) ?? defaults?.credential
        expiresAt = reader.time("expires_at") ?? defaults?.expiresAt
        collapseID = Self.collapseID(&reader) ?? defaults?.collapseID
        priority = reader.word("priority", of: Priority.allCases) ?? defaults?.priority ?? .high
    }

    /// 64 bytes is what APNs takes as `apns-collapse-id`, and a header's value is sure to arrive in ASCII only (RFC 9110 section 5.5).
    private static func collapseID(_ reader: inout FieldReader) -> String? {
        guard let text = notEmpty("collapse_id", reader.text("collapse_id", .id), &reader) else { return nil }
        guard text.utf8.count <= 64, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            reader.fault("collapse_id", "must have at most 64 characters of visible ASCII or space")
            return nil
        }
        return text
    }

    /// The app that a device token belongs to. Not an option of sending, but named where tokens are, and read alike there.
    static func app(_ reader: inout FieldReader) -> String? { notEmpty("app", reader.text("app", .id), &reader) }

    private static func notEmpty(_ name: String, _ text: String?, _ reader: inout FieldReader) -> String? {
        guard let text, text.isEmpty else { return text }
        reader.fault(name, "must not be empty")
        return nil
    }
}
