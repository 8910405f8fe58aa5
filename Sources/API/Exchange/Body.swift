import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Storage

/// A body that has been read: its bytes, and the object that they say.
struct Body: Sendable {
    var bytes: ByteBuffer
    var object: JSONObject

    /// Reads a JSON object, and refuses everything else with the fault's place.
    init(_ request: Request, limit: Int) async throws {
        try Self.checkMediaType(request.headers[.contentType])
        bytes = try await Self.bytes(of: request, limit: limit)
        let document: JSON
        do {
            document = try JSON(parsing: bytes.readableBytesView)
        } catch {
            throw Problem.malformed("The body is not JSON: \(error.message) at byte \(error.offset).")
        }
        guard case .object(let object) = document else {
            throw Problem.malformed("The body must be a JSON object, not \(document.kind).")
        }
        self.object = object
    }

    static func bytes(of request: Request, limit: Int) async throws -> ByteBuffer {
        if let length = request.headers[.contentLength].flatMap(Int.init), length > limit { throw Problem.tooLarge(limit: limit) }
        do {
            return try await request.body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw Problem.tooLarge(limit: limit)
        }
    }

    /// `application/json` or a `+json` type, in UTF-8. A body without a type is taken at its word.
    private static func checkMediaType(_ value: String?) throws(Problem) {
        guard let value else { return }
        let parts = value.lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" && $0 != "\"" } }
        let type = parts.first ?? ""
        let isJSON = type == "application/json" || (type.hasPrefix("application/") && type.hasSuffix("+json"))
        let charset = parts.dropFirst().first { $0.hasPrefix("charset=") }
        guard isJSON, charset == nil || charset == "charset=utf-8" else { throw .unsupportedMediaType(value) }
    }
}
