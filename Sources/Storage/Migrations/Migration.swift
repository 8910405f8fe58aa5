/// One step of the schema. Once released it never changes: a mistake in it is mended by the next one.
struct Migration: Sendable {
    let number: Int
    let name: String
    let statements: @Sendable (SQLDialect) -> [String]

    static let all: [Migration] = [
        .notifications, .deliveries, .deviceTokens, .idempotencyKeys, .categories, .directory, .apiKeys, .notificationRecords, .bulks, .listCounts,
        .credentials, .deviceTokenApps, .notices, .deliveryEvents, .clock,
    ]
}
