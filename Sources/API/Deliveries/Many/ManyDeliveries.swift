import DeliveryEngine
import Domain
import Hummingbird
import Storage

/// Retry and cancel of whatever a filter lets through: as long a call as `limit` says, and a cursor to go on with.
struct ManyDeliveries: Sendable {
    /// Deliveries of one call: over within seconds.
    static let most = 100_000
    static let usual = 10_000

    let dispatch: Dispatch

    func retry(_ request: Request, _ context: CallContext) async throws -> Answer { try await operate(.retry, request, context) }

    func cancel(_ request: Request, _ context: CallContext) async throws -> Answer { try await operate(.cancel, request, context) }

    private func operate(_ operation: DeliveryOperation, _ request: Request, _ context: CallContext) async throws -> Answer {
        var (post, object) = try await dispatch.read(request, context)
        var reader = FieldReader(object)
        let order = Order(&reader, operation)
        try reader.check()
        post.unknown = reader.unknown
        let caller = post.caller
        return try await dispatch.repeats.once(post) { _ in
            try await dispatch.engine.operate(
                operation, on: order.filter, after: order.cursor, limit: order.limit, isDry: order.isDry, scope: caller.scope, by: caller.actor)
        } answer: { report in
            Answer(Self.json(report, operation, isDry: order.isDry))
        } resume: { _ in
            // Nothing is enqueued here under a reference; what a gateway that died had changed is changed, and the repeat does the rest.
            throw Problem.internalError
        }
    }

    private static func json(_ report: OperationReport, _ operation: DeliveryOperation, isDry: Bool) -> JSON {
        let groups = report.groups.sorted { ($1.value, $0.key.provider, $0.key.reason ?? "") < ($0.value, $1.key.provider, $1.key.reason ?? "") }
        return [
            "operation": .string(operation.rawValue),
            "dry_run": .bool(isDry),
            "matched": .integer(report.matched),
            "eligible": .integer(report.eligible),
            "changed": .integer(report.changed),
            "skipped": .array(
                report.obstacles.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                    ["why": .string($0.key.rawValue), "count": .integer($0.value)]
                }),
            "groups": .array(
                groups.map {
                    [
                        "state": .string($0.key.state.rawValue), "provider": .string($0.key.provider.rawValue), "reason": JSON($0.key.reason),
                        "count": .integer($0.value),
                    ]
                }),
            "sample": .array(report.sample.map { .object(DeliveryShape.item($0)) }),
            "cursor": JSON(report.next?.text(prefix: Delivery.idPrefix)),
        ]
    }
}

/// What is to be done to which deliveries.
private struct Order: Sendable {
    let filter: DeliveryFilter
    let isDry: Bool
    let limit: Int
    let cursor: Identifier?

    init(_ reader: inout FieldReader, _ operation: DeliveryOperation) {
        filter = DeliveryFilter(&reader, state: operation.state)
        isDry = reader.boolean("dry_run") ?? false
        let isAll = reader.boolean("all") ?? false
        limit = reader.value("limit") == nil ? ManyDeliveries.usual : reader.requiredInteger("limit", in: 1...ManyDeliveries.most)
        cursor = Self.cursor(&reader)
        guard reader.faults.isEmpty else { return }
        // A filter that was forgotten, or misspelt and so ignored, must not move everything.
        if filter.isWhole, !isAll, !isDry {
            reader.fault(
                "all", "no filter is given: say all: true to \(operation.rawValue) every \(operation.state.rawValue) delivery that you may see")
        }
    }

    private static func cursor(_ reader: inout FieldReader) -> Identifier? {
        guard let text = reader.text("cursor", .id) else { return nil }
        let id = Identifier(text: text, prefix: Delivery.idPrefix)
        if id == nil { reader.fault("cursor", "must be taken from the answer of an earlier call") }
        return id
    }
}
