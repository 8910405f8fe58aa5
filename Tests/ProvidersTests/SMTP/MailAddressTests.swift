import Testing

@testable import Providers

struct MailAddressTests {
    @Test(arguments: [
        ("user@example.org", "user@example.org"), ("User.Name+tag@Example.ORG", "User.Name+tag@example.org"),
        ("o'brien@example.org", "o'brien@example.org"), ("a..b@example.jp", "\"a..b\"@example.jp"), ("a.@example.jp", "\"a.\"@example.jp"),
        ("user@bücher.example", "user@xn--bcher-kva.example"), ("user@BÜCHER.example", "user@xn--bcher-kva.example"),
        ("user@bu\u{308}cher.example", "user@xn--bcher-kva.example"), ("user@faß.de", "user@xn--fa-hia.de"),
        ("user@例え。テスト", "user@xn--r8jz45g.xn--zckzah"),
        ("user@ＥＸＡＭＰＬＥ.org", "user@example.org"), ("jürgen@example.org", "jürgen@example.org"), ("ファイル@example.org", "ファイル@example.org"),
        ("user@localhost", "user@localhost"), ("user@a_b.example", "user@a_b.example"),
    ])
    func `an address is written as it goes over the wire`(given: String, written: String) throws {
        #expect(try MailAddress(given).addrSpec == written)
    }

    @Test(arguments: [
        "", "user", "@example.org", "user@", "user name@example.org", "user@exa mple.org", "<user@example.org>", "a@b@c\r\n",
        "user@example.org\r\nRCPT TO:<x@y>",
        "user\u{0}@example.org", "user@example.org\n", "us\u{85}er@example.org", "us\u{200B}er@example.org", "us\u{2028}er@example.org",
        "us\u{202E}er@example.org", "a,b@example.org", "a\"b@example.org", "a(b)@example.org", "user@-a.example", "user@a..b", "user@.example",
        "user@example.org.", "user@[127.0.0.1]", "user@exa/mple", "user@exa:mple", "user@ü:80", "user@ü/x", "user@a\u{200D}b.example", "user@a%2eb",
        String(repeating: "a", count: 65) + "@example.org", "user@" + String(repeating: "a", count: 64) + ".example",
        "user@" + Array(repeating: "abcdefghi", count: 26).joined(separator: "."),
    ])
    func `what is no address, or could carry something else, is refused`(given: String) {
        #expect(throws: MailAddress.Fault.self) { try MailAddress(given) }
    }

    @Test func `a local part beyond ASCII needs a server that can read it, a domain does not`() throws {
        #expect(try MailAddress("jürgen@example.org").needsUTF8)
        #expect(try !MailAddress("user@bücher.example").needsUTF8)
    }

    @Test(arguments: [
        "Demo\r\nBcc: x <a@example.org>", "Demo <a@example.org>\n", "Demo <a@example.org", "De\u{0}mo <a@example.org>", "Demo", "Demo <>",
    ])
    func `a sender that is no mailbox is refused`(given: String) {
        #expect(throws: MailAddress.Fault.self) { try Mailbox(given) }
    }
}
