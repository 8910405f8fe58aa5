import Domain
import Foundation
import Testing

@testable import Providers

struct MailComposerTests {
    private let created = Timestamp(seconds: 1_763_718_906)

    @Test func `a plain mail is what RFC 5322 asks for`() throws {
        let mail = try compose(Content(title: "Hello", body: "One line.\nAnother."))
        #expect(
            String(decoding: mail, as: UTF8.self) == """
                From: Demo <no-reply@example.org>\r
                To: user@example.com\r
                Subject: Hello\r
                Date: Fri, 21 Nov 2025 09:55:06 +0000\r
                Message-ID: <\(id)@example.org>\r
                MIME-Version: 1.0\r
                Auto-Submitted: auto-generated\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Transfer-Encoding: 7bit\r
                \r
                One line.\r
                Another.\r

                """)
    }

    @Test func `the same delivery gives the same mail at each attempt`() throws {
        let content = Content(title: "Grüße", body: "Text", html: "<p>Text</p>")
        #expect(try compose(content, at: created) == compose(content, at: created + .seconds(86_400)))
    }

    @Test func `text comes before HTML, and both come back as they were`() throws {
        let html = "<p>" + String(repeating: "Ein langer Absatz mit Umlauten äöü und = Zeichen. ", count: 40) + "</p>\n<p>Ende</p>"
        let mail = ReadMail(try compose(Content(title: "T", body: "Kurz & gut — ja", html: html)))
        #expect(mail["Content-Type"]?.hasPrefix("multipart/alternative;") == true)
        #expect(mail.parts.map(\.type) == ["text/plain; charset=utf-8", "text/html; charset=utf-8"])
        #expect(mail.parts[0].text.trimmingCharacters(in: .newlines) == "Kurz & gut — ja")
        #expect(mail.parts[1].text.replacingOccurrences(of: "\r\n", with: "\n").trimmingCharacters(in: .newlines) == html)
    }

    @Test func `HTML alone gets a text part made from it`() throws {
        let html = """
            <html><head><title>x</title><style>p { color: red }</style></head><body><!-- not shown -->
            <h1>Hello &amp; welcome</h1><p>First<br>second&nbsp;line, <a href="https://example.org/a?b=1&amp;c=2">click here</a>.</p>
            <ul><li>one</li><li>two &#8364; &#x41;</li></ul><script>alert("<p>no</p>")</script>
            <p>See <a href='https://example.org'>https://example.org</a></p></body></html>
            """
        let mail = ReadMail(try compose(Content(title: "T", html: html)))
        #expect(
            mail.parts[0].text.replacingOccurrences(of: "\r\n", with: "\n") == """
                Hello & welcome

                First
                second line, click here (https://example.org/a?b=1&c=2).

                - one
                - two € A

                See https://example.org

                """)
    }

    @Test(arguments: ["<p", "<a href=\"x", "&", "&#1114112;", "&#xD800;", "</a></a>", "<!--", "<script>", "<><></>", "<a href>x</a>", "&amp", ""])
    func `broken HTML gives some text and no crash`(html: String) {
        let text = PlainText.derived(fromHTML: "before " + html + " after")
        #expect(text.hasPrefix("before"))
    }

    // MARK: Encoding

    @Test(arguments: 0..<60)
    func `any text comes back, and no line is longer than 76 octets or has a byte beyond ASCII`(seed: UInt64) throws {
        var random = SeededGenerator(seed)
        let alphabets = ["abc DEF =.\t\n", "äöü €\n a", "日本語テキスト。\n", "👨‍👩‍👧‍👦🎉 x\n", "From \n. a=\u{1}\u{7f}", "\r\n\r \n"]
        let alphabet = Array(alphabets[Int.random(in: 0..<alphabets.count, using: &random)])
        let text = String((0..<Int.random(in: 1..<700, using: &random)).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] })
        let normalised = TransferEncoding.normalised(text)
        for encoding in [TransferEncoding.choose(for: normalised), .quotedPrintable, .base64] {
            let encoded = encoding.encode(normalised)
            for line in String(decoding: encoded, as: UTF8.self).components(separatedBy: "\r\n") {
                #expect(line.utf8.count <= 76)
                #expect(line.utf8.allSatisfy { $0 < 0x80 })
                if encoding == .quotedPrintable {
                    #expect(!line.hasSuffix(" ") && !line.hasSuffix("\t") && !line.hasPrefix("From "))
                }
            }
            let decoded: [UInt8] =
                switch encoding {
                case .sevenBit: encoded
                case .quotedPrintable: ReadMail.quotedPrintable(encoded)
                case .base64:
                    [UInt8](Data(base64Encoded: String(decoding: encoded, as: UTF8.self).replacingOccurrences(of: "\r\n", with: "")) ?? Data())
                }
            // A final line end may be added, none is lost.
            #expect(decoded == normalised || decoded == normalised + [13, 10])
        }
    }

    @Test func `plain ASCII stays readable, western text nearly so, other scripts are packed`() {
        #expect(TransferEncoding.choose(for: Array("Hello,\r\nworld".utf8)) == .sevenBit)
        #expect(TransferEncoding.choose(for: Array(String(repeating: "x", count: 77).utf8)) == .quotedPrintable)
        #expect(TransferEncoding.choose(for: Array("trailing \r\nspace".utf8)) == .quotedPrintable)
        #expect(TransferEncoding.choose(for: Array("From here".utf8)) == .quotedPrintable)
        #expect(TransferEncoding.choose(for: Array("Größe und Länge: ein Satz mit einigen Umlauten".utf8)) == .quotedPrintable)
        #expect(TransferEncoding.choose(for: Array("こんにちは世界".utf8)) == .base64)
    }

    @Test(arguments: [
        "Your code is 123456", "Grüße aus Köln", "日本語の件名がとても長い場合でも、折り返しは文字の境界でのみ行われなければなりません。",
        "👨‍👩‍👧‍👦 family 👩🏽‍🚀👩🏽‍🚀👩🏽‍🚀👩🏽‍🚀👩🏽‍🚀👩🏽‍🚀👩🏽‍🚀👩🏽‍🚀", "a =?UTF-8?Q?trick?= b", " leading and trailing ", "two  spaces",
        "A subject in plain ASCII that is so long that it has to be folded at one of its spaces, or even at two of them if need be",
        String(repeating: "x", count: 300), "Ünïcode " + String(repeating: "word ", count: 40) + "end",
    ])
    func `a subject comes back as it was, on lines of 76 octets at most`(title: String) throws {
        let mail = ReadMail(try compose(Content(title: title, body: "x")))
        let raw = try #require(mail.rawHeaders.first { $0.hasPrefix("Subject:") })
        for line in raw.components(separatedBy: "\r\n") { #expect(line.utf8.count <= 76, "\(line)") }
        #expect(raw.utf8.allSatisfy { $0 < 0x80 })
        // Spaces at the field's ends are folding white space, unless they were encoded.
        let value = raw.dropFirst("Subject: ".count).replacingOccurrences(of: "\r\n", with: "")
        #expect(ReadMail.decodeWords(String(value)) == title)
        for word in value.components(separatedBy: " ") where word.hasPrefix("=?") {
            #expect(word.utf8.count <= 75)
        }
    }

    @Test(arguments: [
        ("Demo <a@example.org>", "Demo <a@example.org>"), ("a@example.org", "a@example.org"), ("<a@example.org>", "a@example.org"),
        ("\"Doe, Jane\" <a@example.org>", "\"Doe, Jane\" <a@example.org>"), ("Dr. No <a@example.org>", "\"Dr. No\" <a@example.org>"),
        (#""Say \"hi\" \\ now" <a@example.org>"#, #""Say \"hi\" \\ now" <a@example.org>"#),
        ("Jürgen <a@example.org>", "=?UTF-8?Q?J=C3=BCrgen?= <a@example.org>"),
        ("通知 <a@bücher.example>", "=?UTF-8?B?6YCa55+l?= <a@xn--bcher-kva.example>"),
    ])
    func `a sender's name is written as a phrase`(given: String, written: String) throws {
        let mail = ReadMail(
            try MailComposer(from: Mailbox(given), signers: []).compose(
                message(Content(title: "T", body: "x")), to: MailAddress("u@example.com"), now: created))
        #expect(mail["From"] == written)
    }

    // MARK: Subject and body

    @Test func `without a title the text's first line is the subject`() throws {
        func subject(_ content: Content) throws -> String? { ReadMail(try compose(content))["Subject"].map(ReadMail.decodeWords) }
        #expect(try subject(Content(body: "\n  Your\tcode \nis 1")) == "Your code")
        #expect(try subject(Content(title: "   ", body: "Text")) == "Text")
        #expect(try subject(Content(html: "<h1>News</h1><p>x</p>")) == "News")
        let long = String(repeating: "word ", count: 40)
        #expect(try subject(Content(body: long)) == String(repeating: "word ", count: 15).dropLast() + "…")
        #expect(try subject(Content(title: "Only a title")) == "Only a title")
    }

    @Test func `a mail without title and text is refused`() throws {
        for content in [Content(), Content(title: " "), Content(body: "\n \n"), Content(html: "<p></p>")] {
            #expect(throws: MailComposer.Fault.self) { try compose(content) }
        }
    }

    @Test(arguments: ["a\r\nBcc: x@example.org", "a\nb", "a\rb", "a\u{0}b", "a\u{85}b", "tab\tbed", "\u{7f}"])
    func `a title with a control character is refused`(title: String) {
        #expect { try compose(Content(title: title, body: "x")) } throws: { ($0 as? MailComposer.Fault)?.rule == "control_character" }
    }

    @Test func `a body may have any character, and adds no header`() throws {
        let mail = ReadMail(try compose(Content(title: "T", body: "\r\n\r\nBcc: x@example.org\r.\r\n\u{0}")))
        #expect(mail["Bcc"] == nil)
        #expect(mail.parts[0].text.hasPrefix("\r\n\r\nBcc: x@example.org\r\n.\r\n\u{0}"))
    }

    // MARK: Unsubscription

    @Test func `List-Unsubscribe and its Post stand beside each other`() throws {
        for link in ["https://u.example/1", "https://u.example/" + String(repeating: "x", count: 300)] {
            let mail = ReadMail(try compose(Content(title: "T", body: "x", listUnsubscribe: link)))
            #expect(mail["List-Unsubscribe"] == "<\(link)>")
            #expect(mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click")
        }
        let without = ReadMail(try compose(Content(title: "T", body: "x")))
        #expect(without["List-Unsubscribe"] == nil)
        #expect(without["List-Unsubscribe-Post"] == nil)
    }

    @Test(arguments: [
        "http://u.example/1", "mailto:u@example.org", "https://", "https://u.example/a b", "https://u.example/>\r\nBcc: x", "https://ü.example/",
        "https://u.example/" + String(repeating: "x", count: 900), "",
    ])
    func `an address for unsubscription that is not one https URI is refused`(link: String) {
        #expect { try compose(Content(title: "T", body: "x", listUnsubscribe: link)) } throws: {
            ($0 as? MailComposer.Fault)?.rule == "list_unsubscribe"
        }
    }

    @Test func `each header that RFC 5322 wants once is there once`() throws {
        let mail = ReadMail(try compose(Content(title: "T", body: "x", html: "<p>x</p>", listUnsubscribe: "https://u.example/1")))
        for name in [
            "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted", "Content-Type", "List-Unsubscribe",
            "List-Unsubscribe-Post",
        ] {
            #expect(mail.count(name) == 1, "\(name)")
        }
    }

    @Test(arguments: [
        (0, "Thu, 1 Jan 1970 00:00:00 +0000"), (-1, "Wed, 31 Dec 1969 23:59:59 +0000"), (951_827_696, "Tue, 29 Feb 2000 12:34:56 +0000"),
        (1_772_323_199, "Sat, 28 Feb 2026 23:59:59 +0000"), (4_102_444_800, "Fri, 1 Jan 2100 00:00:00 +0000"),
    ])
    func `dates are written with day of the week and offset`(seconds: Int64, date: String) {
        #expect(Timestamp(seconds: seconds).mailDate == date)
    }

    // MARK: Parts

    private let id = Identifier(high: 0x019A_A5E3_1234_7000, low: 0x8000_0000_0000_0001).text(prefix: Delivery.idPrefix)

    private func message(_ content: Content) -> OutboundMessage {
        OutboundMessage(
            delivery: Delivery(
                id: Identifier(high: 0x019A_A5E3_1234_7000, low: 0x8000_0000_0000_0001), notificationID: "n", orgID: "o", userID: nil,
                lane: LaneKey(orgID: "o", provider: .smtp, credential: "main"), target: Target(address: "user@example.com"), nextAttemptAt: created,
                createdAt: created), content: content)
    }

    private func compose(_ content: Content, at now: Timestamp? = nil) throws -> [UInt8] {
        try MailComposer(from: Mailbox("Demo <no-reply@example.org>"), signers: []).compose(
            message(content), to: MailAddress("user@example.com"), now: now ?? created)
    }
}

/// SplitMix64: the same texts in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
