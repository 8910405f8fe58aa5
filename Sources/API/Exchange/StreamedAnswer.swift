import Domain
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// An object with one array that may be longer than memory should hold: written piece by piece, as fast as the caller takes it.
///
/// By the time a later piece fails the head has left as a success. The connection is cut then, which leaves the caller with a body that is
/// visibly unfinished (RFC 9112 section 8) and not with one that merely looks short.
struct StreamedAnswer: Sendable, ResponseGenerator {
    var headers: HTTPFields = [:]
    /// The member that holds the object, where it does not stand by itself.
    var wrapper: String?
    /// The members before the array.
    var head: JSONObject
    var array: String
    /// Hands the array's elements over, in pieces of any size.
    var elements: @Sendable (_ emit: ([JSON]) async throws -> Void) async throws -> Void
    /// The members behind the array, told how many elements it has.
    var tail: @Sendable (Int) -> JSONObject

    func response(from request: Request, context: some RequestContext) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(status: .ok, headers: headers, body: .streamed(logger: context.logger, write))
    }

    @Sendable private func write(_ send: ([UInt8]) async throws -> Void) async throws {
        var text = Array("{".utf8)
        if let wrapper { text += JSON.string(wrapper).bytes + Array(":{".utf8) }
        for member in head.members {
            Self.write(member, to: &text)
            text.append(UInt8(ascii: ","))
        }
        text += JSON.string(array).bytes + Array(":[".utf8)
        var count = 0
        try await elements { piece in
            for element in piece {
                if count > 0 { text.append(UInt8(ascii: ",")) }
                text += element.bytes
                count += 1
            }
            try await send(text)
            text.removeAll(keepingCapacity: true)
        }
        text.append(UInt8(ascii: "]"))
        for member in tail(count).members {
            text.append(UInt8(ascii: ","))
            Self.write(member, to: &text)
        }
        text += Array((wrapper == nil ? "}" : "}}").utf8)
        try await send(text)
    }

    private static func write(_ member: JSONObject.Member, to text: inout [UInt8]) {
        text += JSON.string(member.key).bytes
        text.append(UInt8(ascii: ":"))
        text += member.value.bytes
    }
}

extension ResponseBody {
    /// Whatever `write` hands over. A fault of ours is told in the log, and to the caller by a connection that is cut: the head has left as a success.
    static func streamed(logger: Logger, _ write: @Sendable @escaping (_ send: ([UInt8]) async throws -> Void) async throws -> Void) -> ResponseBody {
        ResponseBody { writer in
            var isGone = false
            do {
                try await write { piece in
                    do {
                        try await writer.write(ByteBuffer(bytes: piece))
                    } catch {
                        isGone = true
                        throw error
                    }
                }
            } catch {
                // Whoever hangs up in the middle has their reasons; a piece that can't be read is ours.
                if !isGone { logger.error("answer cut short", metadata: ["error": .string(String(describing: error))]) }
                throw error
            }
            try await writer.finish(nil)
        }
    }
}
