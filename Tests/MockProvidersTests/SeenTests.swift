import Foundation
import Testing

@testable import MockProviders

@Suite("What was seen") struct SeenTests {
    private static func mail(_ mocks: MockProviders, _ text: String, to mailbox: String = "anna@example.org") async throws {
        let credentials = try ClientCredentials(of: mocks)
        let user = try "\(credentials.value("username", in: "smtp.json")):\(credentials.value("password", in: "smtp.json"))"
        _ = try await Curl.run(
            ca: mocks.caFile,
            ["-u", user, "--mail-from", "shop@example.org", "--mail-rcpt", mailbox, "-T", "-", "smtps://localhost:\(mocks.smtpsPort)/x.example"],
            input: text)
    }

    @Test func `a mail's links and codes are read out`() async throws {
        try await withMockProviders { mocks in
            try await Self.mail(
                mocks,
                "Subject: Sign in\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n"
                    + "Content-Type: text/plain; charset=utf-8\r\n\r\nYour code is 482 915. Or open https://shop.example/in?t=1.\r\n--b\r\n"
                    + "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
                    + "<p>Your code is <b>482 915</b></p><a href=3D\"https://shop.example/in?t=3D1&amp;from=3Dmail\">Sign in</a>\r\n--b--\r\n")
            let message = try #require(try await ControlClient(mocks).messages("?wait=5s").first)
            #expect(message["links"] as? [String] == ["https://shop.example/in?t=1&from=mail", "https://shop.example/in?t=1"])
            #expect(message["codes"] as? [String] == ["482915"])
            #expect((message["dialogue"] as? [String])?.contains("C: MAIL FROM:<shop@example.org>") == true)
        }
    }

    @Test func `messages are found by reason, time and text`() async throws {
        try await withMockProviders { mocks in
            let control = ControlClient(mocks)
            _ = try await ExpoTests.send(mocks, #"{"to":"\#(Device.expo)","title":"Größe","body":"x"}"#)
            _ = try await APNsTests.push(mocks, to: Device.apns("TooManyRequests"))
            try await control.call("POST", "clock", #"{"advance":"1h"}"#)
            try await Self.mail(mocks, "Subject: =?utf-8?B?R3LDvMOfZQ==?=\r\n\r\nhello\r\n")
            func numbers(_ query: String) async throws -> [Int] { try await control.messages(query).compactMap { $0["number"] as? Int } }
            #expect(try await numbers("?reason=TooManyRequests") == [2])
            #expect(try await numbers("?since=30m") == [3])
            #expect(try await numbers("?since=\(Int64(Date().timeIntervalSince1970 * 1000) - 60_000)") == [1, 2, 3])
            #expect(try await numbers("?q=gr%C3%BC%C3%9Fe") == [3])
            #expect(try await numbers("?q=GR%C3%96") == [1])
            #expect(try await numbers("?q=shop@example") == [3])
            #expect(try await control.call("GET", "messages?since=yesterday").status == 400)
        }
    }

    @Test func `the dump has one whole message a line`() async throws {
        try await withMockProviders { mocks in
            for text in ["one", "two\\nlines"] { _ = try await ExpoTests.send(mocks, #"{"to":"\#(Device.expo)","body":"\#(text)"}"#) }
            let dump = try await ControlClient(mocks).call("GET", "messages?format=ndjson")
            #expect(dump.headers["content-type"] == "application/x-ndjson")
            let lines = dump.body.split(separator: "\n").map { try? JSON(parsing: $0.utf8) }
            #expect(lines.map { $0?["body"]?.text } == ["one", "two\nlines"])
            #expect(lines.first??["payload"]?["to"]?.text == Device.expo)
        }
    }

    @Test func `each push is kept with its request and the answer given, and without the credential`() async throws {
        try await withMockProviders { mocks in
            let token = try ClientCredentials(of: mocks).providerToken()
            _ = try await APNsTests.push(mocks, to: Device.apns("Unregistered"), token: token)
            let control = ControlClient(mocks)
            let one = try await control.call("GET", "messages/1")
            #expect((one.json["request"] as? [String: String])?["path"] == "/3/device/\(Device.apns("Unregistered"))")
            let answer = one.json["answer"] as? [String: Any]
            #expect(answer?["status"] as? Int == 410 && (answer?["body"] as? String)?.contains(#""reason":"Unregistered""#) == true)
            #expect(one.json["credential"] as? String == "MOCKKEY001")
            #expect(!one.body.contains(token))
            #expect(try await control.call("GET", "messages/2").status == 404)
        }
    }

    @Test func `an open page is told of what comes, in few events, and of a reset`() async throws {
        try await withMockProviders { mocks in
            let client = try await LineClient(port: mocks.httpPort)
            try await client.raw("GET /_mock/events HTTP/1.1\r\nhost: localhost\r\n\r\n")
            /// One event is one chunk, so one line for this client; its own lines end in a bare LF.
            func next(_ prefix: String) async throws -> [String] {
                while true {
                    let chunk = try await client.reply()
                    if chunk.hasPrefix(prefix) { return chunk.split(separator: "\n").map { String($0) } }
                }
            }
            _ = try await next("HTTP/1.1 200")
            _ = try await next("retry: ")
            let many = (0..<50).map { #"{"to":"ExponentPushToken[\#($0)]","body":"x"}"# }.joined(separator: ",")
            _ = try await ExpoTests.send(mocks, "[\(many)]")
            let event = try await next("event: ")
            #expect(event.prefix(2) == ["event: messages", "id: 50"])
            #expect(try JSON(parsing: event[2].dropFirst(6).utf8).elements?.count == 50)
            mocks.reset()
            #expect(try await next("event: ").first == "event: reset")
            await client.close()
        }
    }

    @Test func `answers are packed for those who can unpack them`() async throws {
        try await withMockProviders { mocks in
            let many = (0..<50).map { #"{"to":"ExponentPushToken[\#($0)]","body":"x"}"# }.joined(separator: ",")
            let packed = try await ExpoTests.send(mocks, "[\(many)]", extra: ["--compressed"])
            #expect(packed.headers["content-encoding"] == "gzip" && (packed.json["data"] as? [Any])?.count == 50)
            let plain = try await ExpoTests.send(mocks, "[\(many)]")
            #expect(plain.headers["content-encoding"] == nil && (plain.json["data"] as? [Any])?.count == 50)
        }
    }
}
