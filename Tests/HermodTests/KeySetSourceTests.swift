import API
import Foundation
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing
import Transport

@testable import Hermod

@Suite struct KeySetSourceTests {
    private func reading(_ status: HTTPResponse.Status, _ body: String) async throws -> String {
        let router = Router()
        router.get("/keys") { _, _ in Response(status: status, body: ResponseBody(byteBuffer: ByteBuffer(string: body))) }
        let transport = try HTTPTransport()
        let result = try await Application(router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0))).test(.live) { client in
            let source = RemoteKeySet(url: "http://127.0.0.1:\(client.port ?? 0)/keys", transport: transport)
            do {
                return String(decoding: try await source.read(), as: UTF8.self)
            } catch {
                return "fault: \(error)"
            }
        }
        await transport.shutdown(grace: .zero)
        return result
    }

    @Test func `a key set is fetched, in whole and with 200 only`() async throws {
        #expect(try await reading(.ok, #"{"keys": []}"#) == #"{"keys": []}"#)
        #expect(try await reading(.notFound, "{}") == "fault: the answer has status 404, not 200")
        #expect(try await reading(.found, "{}") == "fault: the answer has status 302, not 200")
        let large = try await reading(.ok, String(repeating: " ", count: RemoteKeySet.maxBytes + 1))
        #expect(large.hasPrefix("fault: the answer is cut short or larger than"))
    }

    @Test func `an issuer that is not there is a fault`() async throws {
        let transport = try HTTPTransport()
        let source = RemoteKeySet(url: "http://127.0.0.1:1/keys", transport: transport)
        await #expect(throws: KeySetFault.self) { _ = try await source.read() }
        await transport.shutdown(grace: .zero)
    }

    @Test func `a file is read as it stands at the moment`() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("hermod-keys-\(UUID().uuidString)")
        let source = FileKeySet(path: file.path)
        let fault = await #expect(throws: KeySetFault.self) { _ = try await source.read() }
        #expect(fault == KeySetFault("there is no such file"))
        for text in ["one", "two"] {
            try Data(text.utf8).write(to: file)
            #expect(try await source.read() == Array(text.utf8))
        }
        try FileManager.default.removeItem(at: file)
    }
}
