import Testing
import Transport

/// `http://`: HTTP/1.1, one request at a time on each connection.
@Suite struct HTTP1Tests {
    @Test func `a burst uses as many connections as the group allows and keeps them`() async throws {
        try await HTTP1Server.with(onRequest: { [.answer(200, $0.path)] }) { server in
            try await withTransport { transport in
                var group = group()
                group.maxConnections = 4
                let outcomes = await burst(40) { [group] number in
                    await transport.send(post(server.url + "/\(number)", body: "body \(number)"), in: group, timeout: .seconds(20))
                }
                for (number, outcome) in outcomes.enumerated() {
                    let response = try answer(outcome)
                    #expect(String(decoding: response.body, as: UTF8.self) == "/\(number)")
                }
                #expect(server.connectionsSeen <= 4)
                #expect(server.requests.entries.count == 40)
                #expect(server.requests.entries.allSatisfy { $0.head.contains(" HTTP/1.1\r\n") })
            }
        }
    }

    @Test func `GET and POST take turns on one connection`() async throws {
        try await HTTP1Server.with(onRequest: { [.answer(200, $0.head + String(decoding: $0.body, as: UTF8.self))] }) { server in
            try await withTransport { transport in
                let get = HTTPRequest(method: .get, url: server.url + "/list?limit=2", headers: [("accept", "application/json")], body: [])
                for (request, line, end) in [
                    (post(server.url + "/one", body: "{}"), "POST /one HTTP/1.1\r\n", "{}"), (get, "GET /list?limit=2 HTTP/1.1\r\n", "\r\n"),
                    (post(server.url + "/two", body: "[]"), "POST /two HTTP/1.1\r\n", "[]"),
                ] {
                    let response = try answer(await transport.send(request, in: group(), timeout: .seconds(10)))
                    let seen = String(decoding: response.body, as: UTF8.self)
                    #expect(seen.hasPrefix(line) && seen.hasSuffix(end), "\(seen)")
                }
                #expect(server.connectionsSeen == 1)
            }
        }
    }

    @Test func `an interim answer is none and a chunked one with a trailer is whole`() async throws {
        let text =
            "HTTP/1.1 102 Processing\r\nx-interim: 1\r\n\r\nHTTP/1.1 201 Created\r\nX-Final: a \r\ntransfer-encoding: chunked\r\n\r\n"
            + "5\r\nhello\r\n0\r\nx-trailer: t\r\n\r\n"
        try await HTTP1Server.with(onRequest: { _ in [.send(text)] }) { server in
            try await withTransport { transport in
                let response = try answer(await transport.send(post(server.url, body: "{}"), in: group(), timeout: .seconds(10)))
                #expect(response.status == 201)
                #expect(response[header: "x-final"] == "a")
                #expect(response[header: "x-interim"] == nil)
                #expect(response[header: "x-trailer"] == nil)
                #expect(String(decoding: response.body, as: UTF8.self) == "hello")
                #expect(!response.isTruncated)
            }
        }
    }

    @Test func `an interim answer and then silence is unknown`() async throws {
        try await HTTP1Server.with(onRequest: { _ in [.send("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"), .close] }) { server in
            try await withTransport { transport in
                _ = try unknown(await transport.send(post(server.url, body: "{}"), in: group(), timeout: .seconds(10)))
            }
        }
    }

    @Test func `a kept connection that the server has closed is not used again`() async throws {
        try await HTTP1Server.with { server in
            try await withTransport { transport in
                for number in 1...3 {
                    _ = try answer(await transport.send(post(server.url, body: "{}"), in: group(), timeout: .seconds(10)))
                    #expect(server.connectionsSeen == number)
                    await server.closeConnections()
                }
                #expect(server.requests.entries.count == 3)
            }
        }
    }

    @Test(arguments: [HTTP1Server.Action.close, .abort])
    func `a kept connection closed after it took the request leaves it unknown and not repeated`(end: HTTP1Server.Action) async throws {
        try await HTTP1Server.with(onRequest: { $0.number == 2 ? [end] : [.answer(200)] }) { server in
            try await withTransport { transport in
                _ = try answer(await transport.send(post(server.url, body: "{}"), in: group(), timeout: .seconds(10)))
                let failure = try unknown(await transport.send(post(server.url, body: "{}"), in: group(), timeout: .seconds(10)))
                #expect(failure.kind == .reset)
                #expect(server.requests.entries.count == 2)
                #expect(server.requests.entries.map(\.connection) == [1, 1])
            }
        }
    }

    @Test func `a fresh connection closed after it took the request leaves it unknown`() async throws {
        try await HTTP1Server.with(onRequest: { _ in [.close] }) { server in
            try await withTransport { transport in
                _ = try unknown(await transport.send(post(server.url, body: ""), in: group(), timeout: .seconds(10)))
                _ = try unknown(await transport.send(post(server.url, body: "{}"), in: group(), timeout: .seconds(10)))
                #expect(server.requests.entries.count == 2)
            }
        }
    }

    @Test func `an empty body is not repeated either`() async throws {
        try await HTTP1Server.with(onRequest: { $0.number == 2 ? [.close] : [.answer(200)] }) { server in
            try await withTransport { transport in
                _ = try answer(await transport.send(post(server.url, body: ""), in: group(), timeout: .seconds(10)))
                _ = try unknown(await transport.send(post(server.url, body: ""), in: group(), timeout: .seconds(10)))
                #expect(server.requests.entries.count == 2)
            }
        }
    }
}
