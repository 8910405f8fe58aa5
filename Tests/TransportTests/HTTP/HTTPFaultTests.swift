import Foundation
import NIOHTTP2
import Testing

@testable import Transport

/// Servers that misbehave: what counts is whether the request may have been processed.
@Suite struct HTTPFaultTests {
    @Test func `a server that never answers costs the deadline and no more`() async throws {
        try await HTTP2Server.with(onRequest: { $0.path == "/stall" ? [] : [.answer(200)] }) { server in
            try await withTransport { transport in
                _ = try answer(await transport.send(post(server.url + "/", body: "{}"), in: group(), timeout: .seconds(10)))
                let failure = try unknown(await transport.send(post(server.url + "/stall", body: "{}"), in: group(), timeout: .seconds(1)))
                #expect(failure.kind == .timeout)
                await server.requests.reaches(2)
                _ = try answer(await transport.send(post(server.url + "/", body: "{}"), in: group(), timeout: .seconds(10)))
                #expect(server.connectionsSeen == 2, "a connection without one answer since may be dead; the next request doesn't rely on it")
            }
        }
    }

    @Test func `a deadline that passes in the queue has sent nothing`() async throws {
        try await HTTP2Server.with(onRequest: { _ in [] }) { server in
            try await withTransport { transport in
                let first = Task { await transport.send(post(server.url, body: "{}"), in: group(opensWithOne: true), timeout: .seconds(20)) }
                await server.requests.reaches(1)
                let failure = try notSent(
                    await transport.send(post(server.url, body: "{}"), in: group(opensWithOne: true), timeout: .milliseconds(50)))
                #expect(failure.kind == .timeout)
                first.cancel()
                #expect(try unknown(await first.value).kind == .cancelled)
                #expect(server.requests.entries.count == 1)
            }
        }
    }

    @Test func `a server that doesn't finish its handshake is a failed connection`() async throws {
        try await HTTP1Server.with(onRequest: { _ in [] }) { server in
            try await withTransport(configure: { $0.connectTimeout = .milliseconds(200) }) { transport in
                let url = "https://127.0.0.1:\(server.port)/"
                let failure = try notSent(await transport.send(post(url, body: "{}"), in: group(), timeout: .seconds(20)))
                #expect(failure.kind == .connect)
            }
        }
    }

    @Test func `an answer whose body breaks off is an answer and says so`() async throws {
        try await HTTP2Server.with(onRequest: { _ in [.head(400, headers: [("content-length", "100")]), .data(Array("half".utf8)), .close] }) {
            server in
            try await withTransport { transport in
                let response = try answer(await transport.send(post(server.url, body: "{}"), in: group(), timeout: .seconds(10)))
                #expect(response.status == 400)
                #expect(String(decoding: response.body, as: UTF8.self) == "half")
                #expect(response.isTruncated)
            }
        }
    }

    @Test func `an answer whose stream is reset after its body is whole`() async throws {
        let script: HTTP2Server.Script = { _ in
            [.head(200, headers: [("content-length", "4")]), .data(Array("done".utf8)), .reset(.internalError)]
        }
        try await HTTP2Server.with(onRequest: script) { server in
            try await withTransport { transport in
                let response = try answer(await transport.send(post(server.url, body: "{}"), in: group(), timeout: .seconds(10)))
                #expect(String(decoding: response.body, as: UTF8.self) == "done")
                #expect(!response.isTruncated)
            }
        }
    }

    @Test(arguments: [1, 20])
    func `a TCP reset leaves all requests in flight unknown and replays none`(count: Int) async throws {
        try await HTTP2Server.with(onRequest: { request in
            if request.path == "/open" { return [.answer(200)] }
            return request.number == count + 1 ? [.abort] : []
        }) { server in
            try await withTransport { transport in
                _ = try answer(await transport.send(post(server.url + "/open", body: "{}"), in: group(), timeout: .seconds(10)))
                let outcomes = await burst(count) { number in
                    await transport.send(post(server.url + "/\(number)", body: "{}"), in: group(), timeout: .seconds(10))
                }
                for outcome in outcomes { #expect(try unknown(outcome).kind == .reset) }
                #expect(server.requests.entries.count == count + 1, "each POST arrives once")
            }
        }
    }

    @Test(arguments: [1, 20])
    func `a connection closed without an answer leaves all requests unknown`(count: Int) async throws {
        try await HTTP2Server.with(onRequest: { request in
            if request.path == "/open" { return [.answer(200)] }
            return request.number == count + 1 ? [.close] : []
        }) { server in
            try await withTransport { transport in
                _ = try answer(await transport.send(post(server.url + "/open", body: "{}"), in: group(), timeout: .seconds(10)))
                let outcomes = await burst(count) { number in
                    await transport.send(post(server.url + "/\(number)", body: "{}"), in: group(), timeout: .seconds(10))
                }
                for outcome in outcomes { #expect(try unknown(outcome).kind == .reset) }
                #expect(server.requests.entries.count == count + 1)
            }
        }
    }

    @Test func `a reset stream is unknown and its neighbours are answered`() async throws {
        try await HTTP2Server.with(onRequest: { $0.path == "/3" ? [.reset(.internalError)] : [.answer(200)] }) { server in
            try await withTransport { transport in
                let outcomes = await burst(10) { number in
                    await transport.send(post(server.url + "/\(number)", body: "{}"), in: group(), timeout: .seconds(10))
                }
                for (number, outcome) in outcomes.enumerated() {
                    if number == 3 {
                        let failure = try unknown(outcome)
                        #expect(failure.kind == .reset)
                    } else {
                        _ = try answer(outcome)
                    }
                }
                #expect(server.requests.entries.count == 10)
            }
        }
    }

    @Test(arguments: [false, true])
    func `a refused stream was not sent`(onFirstRequest: Bool) async throws {
        try await HTTP2Server.with(onRequest: { $0.path == "/refuse" ? [.reset(.refusedStream)] : [.answer(200)] }) { server in
            try await withTransport { transport in
                if !onFirstRequest { _ = try answer(await transport.send(post(server.url, body: "{}"), in: group(), timeout: .seconds(10))) }
                let failure = try notSent(await transport.send(post(server.url + "/refuse", body: "{}"), in: group(), timeout: .seconds(10)))
                #expect(failure.kind == .refusedStream)
                _ = try answer(await transport.send(post(server.url, body: "{}"), in: group(), timeout: .seconds(10)))
                #expect(server.requests.entries.filter { $0.path == "/refuse" }.count == 1)
            }
        }
    }

    @Test func `GOAWAY that covers nothing means that nothing was processed`() async throws {
        try await HTTP2Server.with(onRequest: { request in
            if request.path == "/open" { return [.answer(200)] }
            return request.number == 11 ? [.goAway(lastStream: 0), .close] : []
        }) { server in
            try await withTransport { transport in
                _ = try answer(await transport.send(post(server.url + "/open", body: "{}"), in: group(), timeout: .seconds(10)))
                let outcomes = await burst(10) { number in
                    await transport.send(post(server.url + "/\(number)", body: "{}"), in: group(), timeout: .seconds(10))
                }
                for outcome in outcomes { #expect(try notSent(outcome).kind == .refusedStream) }
                #expect(server.requests.entries.count == 11)
            }
        }
    }

    @Test func `GOAWAY in the middle answers what is below its last stream and gives back the rest`() async throws {
        let script: @Sendable (HTTP2Server.Request) -> [HTTP2Server.Action] = { request in
            // The sixth after the opening one: streams 1, 3 … 11 have been taken.
            request.path == "/open" || request.connection > 1 ? [.answer(200)] : []
        }
        try await HTTP2Server.with(onRequest: script) { server in
            try await withTransport { transport in
                _ = try answer(await transport.send(post(server.url + "/open", body: "{}"), in: group(), timeout: .seconds(10)))
                async let outcomes = burst(10) { number in
                    await transport.send(post(server.url + "/\(number)", body: "{}"), in: group(), timeout: .seconds(10))
                }
                await server.requests.reaches(11)
                let waiting = server.requests.entries.dropFirst()
                let last = try #require(waiting.map(\.stream).sorted().dropFirst(4).first)
                server.perform([.goAway(lastStream: last)], for: waiting.first!)
                for request in waiting where request.stream <= last { server.perform([.answer(200)], for: request) }
                var answered = 0
                for outcome in await outcomes {
                    if case .answered = outcome {
                        answered += 1
                    } else {
                        let failure = try notSent(outcome)
                        #expect(failure.kind == .refusedStream)
                    }
                }
                #expect(answered == 5)
                _ = try answer(await transport.send(post(server.url + "/after", body: "{}"), in: group(), timeout: .seconds(10)))
                #expect(server.requests.entries.last?.connection == 2)
                #expect(server.requests.entries.count == 12)
            }
        }
    }

    @Test func `a graceful GOAWAY costs nothing`() async throws {
        try await HTTP2Server.with(onRequest: { request in
            request.number % 10 == 0 ? [.goAway(lastStream: request.stream), .answer(200)] : [.answer(200)]
        }) { server in
            try await withTransport { transport in
                for number in 0..<35 {
                    _ = try answer(await transport.send(post(server.url + "/\(number)", body: "{}"), in: group(), timeout: .seconds(10)))
                }
                #expect(server.connectionsSeen == 4)
                #expect(server.requests.entries.count == 35)
            }
        }
    }

    @Test func `a server that allows one stream gets a burst one by one`() async throws {
        var options = HTTP2Server.Options()
        options.settings = [HTTP2Setting(parameter: .maxConcurrentStreams, value: 1)]
        try await HTTP2Server.with(options) { server in
            try await withTransport { transport in
                var group = group()
                group.maxConnections = 1
                let outcomes = await burst(20) { [group] number in
                    await transport.send(post(server.url + "/\(number)", body: "{}"), in: group, timeout: .seconds(20))
                }
                for outcome in outcomes { _ = try answer(outcome) }
                #expect(server.connectionsSeen == 1)
                #expect(Set(server.requests.entries.map(\.path)).count == 20)
                #expect(server.requests.entries.count == 20)
            }
        }
    }

    @Test func `a few streams on two connections carry a burst`() async throws {
        var options = HTTP2Server.Options()
        options.settings = [HTTP2Setting(parameter: .maxConcurrentStreams, value: 5)]
        try await HTTP2Server.with(options) { server in
            try await withTransport { transport in
                let outcomes = await burst(200) { number in
                    await transport.send(post(server.url + "/\(number)", body: "{}"), in: group(), timeout: .seconds(20))
                }
                for outcome in outcomes { _ = try answer(outcome) }
                #expect(server.connectionsSeen <= 2)
                #expect(server.requests.entries.count == 200)
            }
        }
    }

    @Test func `a server that limits resets drops connections but no answers`() async throws {
        var options = HTTP2Server.Options()
        options.maxResets = 60
        try await HTTP2Server.with(
            options,
            onRequest: { request in
                // A server may do so after any number of requests, whether its client resets streams (7.88.1) or not.
                request.number % 150 == 0 ? [.answer(200), .goAway(lastStream: request.stream, .enhanceYourCalm), .close] : [.answer(200)]
            }
        ) { server in
            try await withTransport { transport in
                var answered = 0
                for round in 0..<60 {
                    let outcomes = await burst(10) { number in
                        await transport.send(post(server.url + "/\(round)-\(number)", body: "{}"), in: group(), timeout: .seconds(20))
                    }
                    for case .answered(let response) in outcomes {
                        #expect(response.status == 200)
                        answered += 1
                    }
                }
                let paths = server.requests.entries.map(\.path)
                #expect(Set(paths).count == paths.count, "no request arrives twice")
                #expect(answered > 500)
                #expect(server.connectionsSeen > 3)
            }
        }
    }

    @Test func `an answer before the body was read is an answer`() async throws {
        var options = HTTP2Server.Options()
        options.onHeaders = { _ in [.answer(413, headers: [("content-length", "0")]), .reset(.noError)] }
        try await HTTP2Server.with(options, onRequest: { _ in [] }) { server in
            try await withTransport { transport in
                let body = String(repeating: "x", count: 300_000)
                for _ in 0..<5 {
                    let response = try answer(await transport.send(post(server.url, body: body), in: group(), timeout: .seconds(10)))
                    #expect(response.status == 413)
                }
            }
        }
    }

    @Test func `10 MB of answer are cut at the bound`() async throws {
        let piece = [UInt8](repeating: 0x61, count: 1 << 20)
        try await HTTP2Server.with(onRequest: { request in
            request.path == "/" ? [.answer(200)] : [.head(200)] + (0..<10).map { .data(piece, isLast: $0 == 9) }
        }) { server in
            try await withTransport(configure: { $0.maxResponseBytes = 1000 }) { transport in
                let response = try answer(await transport.send(post(server.url + "/big", body: "{}"), in: group(), timeout: .seconds(20)))
                #expect(response.body.count == 1000)
                #expect(response.isTruncated)
                _ = try answer(await transport.send(post(server.url + "/", body: "{}"), in: group(), timeout: .seconds(10)))
            }
        }
    }

    @Test func `an answer with a compressed body is bounded by what it unpacks to`() async throws {
        let zipped = try #require(Gzip.compress([UInt8](repeating: 0, count: 10 << 20)))
        try await HTTP2Server.with(onRequest: { _ in [.answer(200, headers: [("content-encoding", "gzip")], body: zipped)] }) { server in
            try await withTransport(configure: { $0.maxResponseBytes = 5000 }) { transport in
                let response = try answer(await transport.send(post(server.url, body: "{}"), in: group(), timeout: .seconds(20)))
                #expect(response.body == [UInt8](repeating: 0, count: 5000))
                #expect(response.isTruncated)
            }
        }
    }

    @Test func `no connection is opened by more than one request and the burst follows acceptance`() async throws {
        try await HTTP2Server.with(onRequest: { _ in [] }) { server in
            try await withTransport { transport in
                let apns = group("apns", opensWithOne: true)
                async let outcomes = burst(50) { number in
                    await transport.send(post(server.url + "/\(number)", body: "{}"), in: apns, timeout: .seconds(20))
                }
                for expected in 1...3 {
                    await server.requests.reaches(expected)
                    let before = server.requests.entries
                    #expect(before.count == expected)
                    server.perform([.answer(expected < 3 ? 403 : 200)], for: before[expected - 1])
                }
                await server.requests.reaches(50)
                for request in server.requests.entries.dropFirst(3) { server.perform([.answer(200)], for: request) }
                for outcome in await outcomes { _ = try answer(outcome) }
                #expect(server.connectionsSeen == 1)
            }
        }
    }

    @Test func `a lost connection is opened again by one request`() async throws {
        try await HTTP2Server.with(onRequest: { request in
            switch request.number {
            case 1: [.answer(200)]
            case 2: [.answer(200), .hangUp]
            case 3: []
            default: [.answer(200)]
            }
        }) { server in
            try await withTransport { transport in
                let apns = group("apns", opensWithOne: true)
                for _ in 0..<2 { _ = try answer(await transport.send(post(server.url, body: "{}"), in: apns, timeout: .seconds(10))) }
                await server.disconnections.reaches(1)
                async let outcomes = burst(20) { number in
                    await transport.send(post(server.url + "/\(number)", body: "{}"), in: apns, timeout: .seconds(20))
                }
                await server.requests.reaches(3)
                _ = try answer(await transport.send(post(server.url + "/free", body: "{}"), in: group("other"), timeout: .seconds(10)))
                #expect(server.requests.entries.count == 4, "the other group's, and one of this")
                server.perform([.answer(200)], for: server.requests.entries[2])
                for outcome in await outcomes { _ = try answer(outcome) }
            }
        }
    }
}
