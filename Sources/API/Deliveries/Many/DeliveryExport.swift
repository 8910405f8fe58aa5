import Domain
import Hummingbird
import NIOCore
import Storage

/// The log as a file: every delivery that the list's filters let through, newest first, a line each, as fast as the caller takes it.
struct DeliveryExport: Sendable {
    enum Format: String, Sendable, CaseIterable {
        case ndjson
        case csv

        var mediaType: String {
            switch self {
            case .ndjson: "application/x-ndjson"
            case .csv: "text/csv; charset=utf-8"
            }
        }
    }

    /// Lines that are read, and so held in memory, at once.
    private static let step = 500
    private static let most = 10_000_000

    let deliveries: DeliveryLog

    func export(_ request: Request, _ context: CallContext) async throws -> StreamedLines {
        let scope = try context.caller.scope
        var query = QueryReader(request.uri.query)
        let format = query.word("format", of: Format.allCases) ?? .ndjson
        let filter = DeliveryFilter(&query)
        let limit = query.integer("limit", in: 1...Self.most) ?? .max
        let cursor = Self.cursor(&query)
        try query.check()
        var answer = StreamedLines(mediaType: format.mediaType) { emit in
            if format == .csv { try await emit(CSVLine(Self.columns.map(JSON.string)).bytes) }
            try await each(filter, after: cursor, limit: limit, scope) { deliveries in
                try await emit(deliveries.flatMap { Self.line($0, format) })
            }
        }
        answer.headers.warn(ofUnknown: query.unknown)
        return answer
    }

    private func each(
        _ filter: DeliveryFilter, after cursor: Identifier?, limit: Int, _ scope: OrgScope, _ take: ([Delivery]) async throws -> Void
    ) async throws {
        var last = cursor
        var left = limit
        while left > 0 {
            let wanted = min(Self.step, left)
            let step = try await deliveries.step(filter, after: last, limit: wanted, scope: scope)
            if !step.isEmpty { try await take(step) }
            guard step.count == wanted else { return }
            last = step[step.count - 1].id
            left -= wanted
        }
    }

    private static func cursor(_ query: inout QueryReader) -> Identifier? {
        guard let text = query.value("cursor") else { return nil }
        let id = Identifier(text: text, prefix: Delivery.idPrefix)
        if id == nil { query.fault("cursor", "must be the id of the last delivery of an earlier export") }
        return id
    }

    private static let columns = [
        "id", "notification_id", "org_id", "user_id", "channel", "provider", "credential", "target", "state", "attempts", "next_attempt_at",
        "provider_message_id", "reason", "error", "created_at", "expires_at", "settled_at",
    ]

    private static func line(_ delivery: Delivery, _ format: Format) -> [UInt8] {
        let item = DeliveryShape.item(delivery)
        return switch format {
        case .ndjson: JSON.object(item).bytes + [UInt8(ascii: "\n")]
        case .csv: CSVLine(columns.map { item[$0] ?? .null }).bytes
        }
    }
}
