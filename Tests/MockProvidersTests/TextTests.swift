import Foundation
import Testing

@testable import MockProviders

@Suite("Texts") struct TextTests {
    @Test(arguments: [
        (#"{"a":[1,-2.5e3,true,null],"b":"\u00fc\ud83d\ude00\n\"","a":2}"#, #"{"a":[1,-2.5e3,true,null],"b":"ü😀\n\"","a":2}"#),
        (" [ ] ", "[]"), ("\"\\/\"", "\"/\""), ("{}", "{}"),
    ])
    func `JSON comes out as it went in`(text: String, expected: String) throws {
        #expect(String(decoding: try JSON(parsing: text.utf8).encoded, as: UTF8.self) == expected)
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\"}", "{\"a\":1,}", "01", "1.", "+1", "nul", "\"\u{1}\"", "\"\\x\"", "\"\\ud800\"", "[1] 2", "\"open",
        String(repeating: "[", count: 100),
    ])
    func `what is not JSON is refused`(text: String) {
        #expect(throws: JSON.Malformed.self) { try JSON(parsing: text.utf8) }
    }

    @Test func `invalid UTF-8 is no JSON`() {
        #expect(throws: JSON.Malformed.self) { try JSON(parsing: [0x22, 0xFF, 0x22]) }
    }

    @Test func `a gzip bomb is not unpacked`() {
        // A hundred times "a".
        #expect(Gzip.inflate([1, 2, 3], limit: 100) == nil)
        let packed = Data(base64Encoded: "H4sIAAAAAAACA0tMpD0AAGR6cK9kAAAA").map(Array.init) ?? []
        #expect(Gzip.inflate(packed, limit: 10) == nil)
        #expect(Gzip.inflate(packed, limit: 100) == Array(repeating: UInt8(ascii: "a"), count: 100))
    }

    @Test func `the words of a mail are read out of its parts`() {
        let mail = MailContent(
            Array(
                """
                Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r
                 =?utf-8?B?IGFuIGFsbGU=?=\r
                Content-Type: multipart/alternative; boundary="b 1"\r
                \r
                preamble\r
                --b 1\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Transfer-Encoding: quoted-printable\r
                \r
                f=C3=BCnf =\r
                Euro\r
                --b 1\r
                Content-Type: text/html; charset=utf-8\r
                Content-Transfer-Encoding: base64\r
                \r
                PGI+ZsO8bmY8L2I+\r
                --b 1--\r

                """.utf8))
        #expect(mail.subject == "Grüße an alle")
        #expect(mail.text == "fünf Euro")
        #expect(mail.html == "<b>fünf</b>")
    }

    @Test func `the ring keeps the last ones`() {
        var ring = Ring<Int>(capacity: 3)
        for number in 1...5 { ring.append(number) }
        #expect(Array(ring.newestFirst) == [5, 4, 3])
        #expect(ring.oldestIfFull == 3)
    }

    @Test func `payloads are let go from the oldest on, and never the newest`() {
        let log = MessageLog(retention: 4, payloadBudget: 10)
        func record(_ size: Int) {
            log.record(
                ReceivedMessage(
                    run: "", provider: .smtp, target: "a", id: "", identity: nil, receivedAt: 0, status: 250, accepted: true, connection: 1,
                    headers: [],
                    payload: Array(repeating: 0, count: size)))
        }
        for size in [4, 4, 4] { record(size) }
        #expect(log.messages(MessageFilter()).map(\.payload.count) == [0, 4, 4])
        #expect(log.messages(MessageFilter()).map(\.isPayloadDropped) == [true, false, false])
        record(20)
        #expect(log.messages(MessageFilter()).map(\.payload.count) == [0, 0, 0, 20])
        for size in [1, 2, 3, 4] { record(size) }
        #expect(log.messages(MessageFilter()).map(\.payload.count) == [1, 2, 3, 4])
        log.removeAll()
        record(10)
        #expect(log.messages(MessageFilter()).map(\.payload.count) == [10])
    }

    @Test(arguments: [Device.expo, Device.fcm, "anna.receipt-reader@example.org", "ExponentPushToken[x2-retry]"])
    func `an ordinary token holds no magic`(token: String) {
        #expect(Expo.magic(in: token) == nil)
        #expect(FCM.magic(in: token) == nil)
        #expect(Mailboxes.magic(in: token) == nil)
    }

    @Test func `magic words join`() throws {
        let words = try #require(Mailboxes.magic(in: "temp-fail-x2+delay-500ms@example.org"))
        #expect(words.answer.status == 451 && words.answer.delay == .milliseconds(500) && words.times == 2 && words.stage == .rcpt)
        let fault = try #require(Mailboxes.magic(in: "fault-close_after_body@example.org"))
        #expect(fault.answer.fault == .closeAfterBody && fault.stage == .dot)
    }

    @Test func `what is packed unpacks to the same, and noise does not grow beyond its bound`() {
        let noise = (0..<5000).map { _ in UInt8.random(in: 0...255) }
        for bytes in [Array("a".utf8), Array(repeating: 0, count: 100_000), noise] {
            #expect(Gzip.deflate(bytes).flatMap { Gzip.inflate($0, limit: 1 << 20) } == bytes)
        }
    }

    @Test(arguments: [
        (0 as Int64, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777_000, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_827_696_500, "Tue, 29 Feb 2000 12:34:56 GMT"), (4_107_542_399_000, "Sun, 28 Feb 2100 23:59:59 GMT"),
    ])
    func `an HTTP date names its day`(milliseconds: Int64, text: String) {
        #expect(HTTPDate.text(of: milliseconds) == text)
    }

    @Test(arguments: [
        ("Your code is 482915.", ["482915"]), ("Use 123 456 to sign in", ["123456"]), ("PIN: 2024", ["2024"]), ("Founded in 2024, 1,500 people", []),
        ("Ticket XK7-4PQ, or AB12CD34", ["XK7-4PQ", "AB12CD34"]), ("on 2026-11-21 at 10:45:00 from 192.168.10.20", []),
        ("https://example.org/a/123456?token=654321", []), ("HELLO WORLD", []), ("4812 and 4812 again", ["4812"]),
    ])
    func `codes are told from other numbers`(text: String, codes: [String]) {
        var findings = TextFindings()
        findings.readText(text)
        #expect(findings.codes == codes)
    }

    @Test func `links are where they lead, each once, without the punctuation behind them`() {
        var findings = TextFindings()
        findings.readHTML(#"<a href="https://a.example/x?b=1&amp;c=2">no https://b.example</a><a HREF='https://a.example/x?b=1&amp;c=2'>again</a>"#)
        findings.readText("See https://c.example/path(1). Or (http://d.example), mailto:a@example.org")
        #expect(findings.links == ["https://a.example/x?b=1&c=2", "https://c.example/path(1)", "http://d.example"])
    }
}
