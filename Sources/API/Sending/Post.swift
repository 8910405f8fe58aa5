import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Storage

/// A POST as far as it concerns repeats and waiting, whatever the contract.
struct Post: Sendable {
    var caller: Caller
    var path: String
    var preference: Preference
    /// Nil when the caller sent no `Idempotency-Key`.
    var key: IdempotencyKey?
    var body: ByteBuffer
    /// Members of the request that nobody has asked for; named in the answer.
    var unknown: [String] = []
}

extension Post {
    /// - Parameter syncWait: how long the call may wait for its deliveries.
    init(_ request: Request, _ context: CallContext, body: ByteBuffer, syncWait: Duration = .zero) throws(Problem) {
        caller = try context.caller
        path = Printable.ascii(request.uri.path, limit: 1_024)
        preference = Preference(request.headers, limit: syncWait)
        self.body = body
        key = try Self.key(request, context, caller)
    }

    private static func key(_ request: Request, _ context: CallContext, _ caller: Caller) throws(Problem) -> IdempotencyKey? {
        guard let text = request.headers[.idempotencyKey] else { return nil }
        guard request.headers[values: .idempotencyKey].count == 1, (1...255).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            var faults = Faults()
            faults.add("/Idempotency-Key", "the header Idempotency-Key must be given once, with 1 to 255 visible ASCII characters")
            throw .invalid(faults)
        }
        // The path itself and not its pattern: a key for one delivery's retry says nothing about another's.
        return IdempotencyKey(caller: caller.id, operation: "\(request.method.rawValue) \(request.uri.path)", key: text)
    }
}
