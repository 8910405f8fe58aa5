import HTTPTypes
import Hummingbird
import NIOCore

/// A text of any length, written piece by piece as fast as the caller takes it. Cut short by a fault, as `StreamedAnswer` is.
struct StreamedLines: Sendable, ResponseGenerator {
    var headers: HTTPFields = [:]
    var mediaType: String
    /// Hands the text over, in pieces of any size.
    var pieces: @Sendable (_ emit: ([UInt8]) async throws -> Void) async throws -> Void

    func response(from request: Request, context: some RequestContext) -> Response {
        var headers = headers
        headers[.contentType] = mediaType
        return Response(status: .ok, headers: headers, body: .streamed(logger: context.logger, pieces))
    }
}
