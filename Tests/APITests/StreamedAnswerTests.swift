import Domain
import Hummingbird
import HummingbirdTesting
import Testing

@testable import API

struct StreamedAnswerTests {
    private struct Broken: Error {}

    private func get(_ answer: StreamedAnswer, _ test: @Sendable @escaping (TestResponse) throws -> Void) async throws {
        let router = Router(context: CallContext.self)
        router.get("/") { _, _ in answer }
        try await Application(router: router).test(.live) { client in
            try await client.execute(uri: "/", method: .get) { try test($0) }
        }
    }

    @Test func `what is written in pieces reads as one object`() async throws {
        let answer = StreamedAnswer(head: ["a": 1, "b\"": "x"], array: "list") { emit in
            try await emit([1, 2])
            try await emit([])
            try await emit([["three": 3]])
        } tail: { count in
            ["count": .integer(count), "end": true]
        }
        try await get(answer) { response in
            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == "application/json")
            #expect(String(buffer: response.body) == #"{"a":1,"b\"":"x","list":[1,2,{"three":3}],"count":3,"end":true}"#)
        }
    }

    @Test func `the object can be held by a member`() async throws {
        let answer = StreamedAnswer(wrapper: "data", head: ["a": 1], array: "list") { emit in
            try await emit([1, 2])
        } tail: { _ in
            ["end": true]
        }
        try await get(answer) { #expect(String(buffer: $0.body) == #"{"data":{"a":1,"list":[1,2],"end":true}}"#) }
    }

    @Test func `without elements, and without members around them, it is an object still`() async throws {
        try await get(StreamedAnswer(head: [:], array: "list", elements: { _ in }, tail: { _ in [:] })) { response in
            #expect(String(buffer: response.body) == #"{"list":[]}"#)
        }
    }

    /// A client that read a short history without noticing would take it for all.
    @Test func `a fault in the middle leaves a body that is visibly unfinished`() async throws {
        let answer = StreamedAnswer(head: [:], array: "list") { emit in
            try await emit([1])
            throw Broken()
        } tail: { _ in
            [:]
        }
        await #expect(throws: (any Error).self) { try await get(answer) { _ in } }
    }
}
