import Foundation
import NIOHPACK
import NIOSSL
import Testing
import Transport

/// What every request can count on.
@Suite struct HTTPTransportTests {
    @Test func `many requests share one connection and each gets its own answer`() async throws {
        try await HTTP2Server.with(onRequest: { [.answer(200, headers: [("x-path", $0.path)], body: $0.body)] }) { server in
            try await withTransport { transport in
                let outcomes = await burst(300) { number in
                    await transport.send(
                        post("\(server.url)/3/device/\(number)?q=\(number)", body: "body \(number)"), in: group(), timeout: .seconds(20))
                }
                for (number, outcome) in outcomes.enumerated() {
                    let response = try answer(outcome)
                    #expect(response.status == 200)
                    #expect(response[header: "x-path"] == "/3/device/\(number)?q=\(number)")
                    #expect(String(decoding: response.body, as: UTF8.self) == "body \(number)")
                    #expect(!response.isTruncated)
                }
                #expect(server.connectionsSeen == 1)
                #expect(server.requests.entries.count == 300)
                let counters = transport.counters(of: group())
                #expect(counters.connectionsOpened == 1)
                #expect(counters.requests == 300)
                #expect(counters.answered == 300)
            }
        }
    }

    @Test func `headers arrive as given and libcurl adds no content-type or expect of its own`() async throws {
        try await HTTP2Server.with { server in
            try await withTransport { transport in
                var request = post(server.url + "/", body: "{}")
                request.headers = [("apns-topic", "com.example"), ("authorization", "bearer abc"), ("x-empty", "")]
                _ = try answer(await transport.send(request, in: group(), timeout: .seconds(10)))
                let headers = try #require(server.requests.entries.first).headers
                #expect(headers.first(name: ":method") == "POST")
                #expect(headers.first(name: "apns-topic") == "com.example")
                #expect(headers.first(name: "authorization") == "bearer abc")
                #expect(headers.first(name: "x-empty") == "")
                #expect(headers.first(name: "user-agent") == "hermod")
                #expect(headers.first(name: "content-length") == "2")
                #expect(!headers.contains(name: "content-type"))
                #expect(!headers.contains(name: "expect"))
            }
        }
    }

    @Test(arguments: [
        ("x-a", "1\r\nx-b: 2"), ("x-a", "1\n"), ("x-a", "a\u{0}b"), ("x-a", "\u{7F}"), ("x a", "1"), ("X-A", "1"), ("", "1"), ("x:a", "1"),
        ("content-length", "5"), ("host", "elsewhere"), ("transfer-encoding", "chunked"),
    ])
    func `a header that could smuggle something is refused before anything is sent`(name: String, value: String) async throws {
        try await HTTP2Server.with { server in
            try await withTransport { transport in
                var request = post(server.url, body: "{}")
                request.headers = [(name, value)]
                let failure = try notSent(await transport.send(request, in: group(), timeout: .seconds(10)))
                #expect(failure.kind == .invalidRequest)
                #expect(server.connectionsSeen == 0)
            }
        }
    }

    @Test(arguments: [
        "", "example.com", "ftp://127.0.0.1/", "file:///etc/passwd", "https://", "https:///path", "https://user:pw@127.0.0.1/",
        "https://127.0.0.1/a b",
        "https://127.0.0.1/\r\n", "https://127.0.0.1/ä", "https://127.0.0.1:99999/", "https://127.0.0.1/#x", "https://127.0.0.1\\@evil/",
        "https://[::1/",
    ])
    func `a URL that can't be is refused`(url: String) async throws {
        try await withTransport { transport in
            let failure = try notSent(await transport.send(post(url, body: "{}"), in: group(), timeout: .seconds(10)))
            #expect(failure.kind == .invalidRequest)
        }
    }

    @Test func `a path is sent as written`() async throws {
        try await HTTP2Server.with { server in
            try await withTransport { transport in
                for path in ["", "/a/../b", "/%2e%2e/x", "/v1/projects/p/messages:send", "/a?b=c&d=%20"] {
                    _ = try answer(await transport.send(post(server.url + path, body: "x"), in: group(), timeout: .seconds(10)))
                }
                #expect(
                    server.requests.entries.map(\.path) == ["/", "/a/../b", "/%2e%2e/x", "/v1/projects/p/messages:send", "/a?b=c&d=%20"])
            }
        }
    }

    @Test func `a redirect is an answer and is not followed`() async throws {
        try await HTTP2Server.with(onRequest: { _ in [.answer(307, headers: [("location", "/elsewhere")])] }) { server in
            try await withTransport { transport in
                let response = try answer(await transport.send(post(server.url, body: "{}"), in: group(), timeout: .seconds(10)))
                #expect(response.status == 307)
                #expect(response[header: "location"] == "/elsewhere")
                #expect(server.requests.entries.count == 1)
            }
        }
    }

    @Test func `gzip goes both ways`() async throws {
        let text = String(repeating: "notification ", count: 500)
        let zipped = try #require(Data(base64Encoded: gzippedHello))
        try await HTTP2Server.with(onRequest: { _ in [.answer(200, headers: [("content-encoding", "gzip")], body: Array(zipped))] }) { server in
            try await withTransport { transport in
                var request = post(server.url, body: text)
                request.gzip = true
                let response = try answer(await transport.send(request, in: group(), timeout: .seconds(10)))
                #expect(String(decoding: response.body, as: UTF8.self) == "hello hello hello")
                let received = try #require(server.requests.entries.first)
                #expect(received.headers.first(name: "content-encoding") == "gzip")
                #expect(received.headers.first(name: "accept-encoding") == "gzip")
                #expect(received.body.count < 200)
                #expect(received.body.prefix(2) == [0x1F, 0x8B])
                request.body = Array("{}".utf8)
                _ = try answer(await transport.send(request, in: group(), timeout: .seconds(10)))
                let small = try #require(server.requests.entries.last)
                #expect(!small.headers.contains(name: "content-encoding"), "compressing two bytes makes them more")
            }
        }
    }

    @Test func `two groups never share a connection and renewed groups leave theirs`() async throws {
        try await HTTP2Server.with { server in
            try await withTransport { transport in
                for name in ["a", "b", "a", "b"] {
                    _ = try answer(await transport.send(post(server.url, body: name), in: group(name), timeout: .seconds(10)))
                }
                var connections = server.requests.entries.map(\.connection)
                #expect(connections[0] == connections[2] && connections[1] == connections[3] && connections[0] != connections[1])
                transport.renewConnections(of: group("a"))
                for name in ["a", "b"] {
                    _ = try answer(await transport.send(post(server.url, body: name), in: group(name), timeout: .seconds(10)))
                }
                connections = server.requests.entries.map(\.connection)
                #expect(connections[4] == 3)
                #expect(connections[5] == connections[1])
            }
        }
    }

    @Test func `a group of one connection that is renewed goes on at once with a new one`() async throws {
        try await HTTP2Server.with { server in
            try await withTransport { transport in
                var group = group("single")
                group.maxConnections = 1
                for round in 0..<20 {
                    _ = try answer(await transport.send(post(server.url, body: "\(round)"), in: group, timeout: .seconds(5)))
                    transport.renewConnections(of: group)
                }
                #expect(Set(server.requests.entries.map(\.connection)).count == 20)
            }
        }
    }

    @Test func `a client certificate in PKCS 12 reaches the server`() async throws {
        let bundle = try NIOSSLPKCS12Bundle(buffer: ClientCertificateFixture.p12, passphrase: ClientCertificateFixture.password.utf8)
        let certificate = try #require(bundle.certificateChain.first)
        var options = HTTP2Server.Options()
        options.clientCertificate = certificate
        try await HTTP2Server.with(options) { server in
            try await withTransport { transport in
                var group = group()
                group.clientCertificate = .init(p12: ClientCertificateFixture.p12, password: ClientCertificateFixture.password)
                _ = try answer(await transport.send(post(server.url, body: "{}"), in: group, timeout: .seconds(10)))
                #expect(try server.requests.entries.first?.clientCertificate == certificate.toDERBytes())
                group.clientCertificate?.password = "wrong"
                let failure = try notSent(await transport.send(post(server.url, body: "{}"), in: group, timeout: .seconds(10)))
                #expect(failure.kind == .tls)
            }
        }
    }

    @Test func `a server that the system does not trust gets nothing`() async throws {
        try await HTTP2Server.with { server in
            try await withTransport(extraCA: false) { transport in
                let failure = try notSent(await transport.send(post(server.url, body: "{}"), in: group(), timeout: .seconds(10)))
                #expect(failure.kind == .tls)
                #expect(failure.code == 60)
                #expect(server.requests.entries.isEmpty)
            }
        }
    }

    @Test func `a CA file that is missing or holds no certificate is a fault at start`() throws {
        var configuration = HTTPTransport.Configuration()
        configuration.extraCAFile = "/nonexistent/ca.pem"
        #expect(throws: TransportFailure.self) { try HTTPTransport(configuration: configuration) }
        configuration.extraCAFile = try TemporaryFiles.write("no certificate", suffix: ".pem")
        #expect(throws: TransportFailure.self) { try HTTPTransport(configuration: configuration) }
    }

    @Test func `unresolved names and closed ports are told apart and are not sent`() async throws {
        try await withTransport { transport in
            let unresolved = try notSent(await transport.send(post("https://nothing.invalid/", body: "{}"), in: group(), timeout: .seconds(20)))
            #expect(unresolved.kind == .resolve)
            let port = try await HTTP1Server.with { $0.port }
            let refused = try notSent(await transport.send(post("https://127.0.0.1:\(port)/", body: "{}"), in: group(), timeout: .seconds(20)))
            #expect(refused.kind == .connect)
        }
    }

    @Test func `the version names libcurl and its HTTP 2 library`() {
        #expect(HTTPTransport.version.hasPrefix("libcurl/"))
        #expect(HTTPTransport.version.contains("nghttp2/"))
    }
}

private let gzippedHello = "H4sIAAAAAAAAA8tIzcnJV8hAkACAiPnlEQAAAA=="
