import Domain
import Testing

@testable import API

struct FieldReaderTests {
    private func reader(_ text: String, at place: Pointer = .root) throws -> FieldReader {
        FieldReader(try #require(try JSON(parsing: text).object), at: place)
    }

    @Test func `every fault of a body is noted with its pointer`() throws {
        var reader = try reader(
            #"{"user_id": 7, "title": "", "body": "a\u0000b", "data": [], "expires_at": "tomorrow", "priority": "urgent", "targets": {}}"#)
        _ = reader.requiredText("user_id", .id)
        _ = reader.requiredText("title", .title)
        _ = reader.requiredText("body", .body)
        _ = reader.requiredText("token", .token)
        _ = reader.data()
        _ = reader.time("expires_at")
        _ = reader.word("priority", of: Priority.allCases)
        _ = reader.requiredArray("targets", limit: 3)
        #expect(
            reader.faults.list == [
                FieldFault(pointer: "/user_id", detail: "must be a string, not a number"),
                FieldFault(pointer: "/title", detail: "must not be empty"),
                FieldFault(pointer: "/body", detail: "must not hold the control character U+0000"),
                FieldFault(pointer: "/token", detail: "is required"),
                FieldFault(pointer: "/data", detail: "must be an object, not an array"),
                FieldFault(pointer: "/expires_at", detail: "must be an RFC 3339 time such as 2026-03-26T08:00:00Z"),
                FieldFault(pointer: "/priority", detail: "must be one of normal, high"),
                FieldFault(pointer: "/targets", detail: "must be an array, not an object"),
            ])
        #expect(reader.unknown.isEmpty)
    }

    @Test func `null reads as absent, and of equal names the last one counts`() throws {
        var reader = try reader(#"{"title": null, "body": "first", "body": "second"}"#)
        #expect(reader.text("title", .title) == nil)
        #expect(reader.text("body", .body) == "second")
        #expect(reader.faults.isEmpty)
        #expect(reader.unknown.isEmpty)
    }

    @Test func `members that nobody asked for are named by their place`() throws {
        var reader = try reader(#"{"title": "a", "tit/le": 1, "til~de": 2}"#, at: .element("targets", 4))
        _ = reader.text("title", .title)
        #expect(reader.unknown == ["/targets/4/tit~1le", "/targets/4/til~0de"])
    }

    @Test func `numbers and flags are read as what they are, and as nothing else`() throws {
        var reader = try reader(#"{"a": 3e1, "b": 31, "c": 1.5, "d": "7", "f": true, "g": "true", "h": null}"#)
        #expect(reader.requiredInteger("a", in: 0...30) == 30)
        #expect(reader.boolean("f") == true)
        #expect(reader.boolean("h") == nil)
        #expect(reader.faults.isEmpty)
        for name in ["b", "c", "d", "e"] { #expect(reader.requiredInteger(name, in: 1...30) == 1) }
        #expect(reader.boolean("g") == nil)
        #expect(
            reader.faults.list == [
                FieldFault(pointer: "/b", detail: "must be a whole number from 1 to 30"),
                FieldFault(pointer: "/c", detail: "must be a whole number from 1 to 30"),
                FieldFault(pointer: "/d", detail: "must be a whole number from 1 to 30, not a string"),
                FieldFault(pointer: "/e", detail: "is required: a whole number from 1 to 30"),
                FieldFault(pointer: "/g", detail: "must be true or false, not a string"),
            ])
    }

    @Test func `an object of more than 64 members is tracked to its last one`() throws {
        let members = (0..<100).map { #""m\#($0)": \#($0)"# }.joined(separator: ",")
        var reader = try reader("{\(members)}")
        for index in 0..<99 { #expect(reader.value("m\(index)") != nil) }
        #expect(reader.unknown == ["/m99"])
    }

    @Test func `faults beyond a hundred are counted but not listed`() throws {
        var faults = Faults()
        for index in 0..<250 { faults.add("/\(index)", "is wrong") }
        #expect(faults.count == 250)
        #expect(faults.list.count == 100)
        #expect(Problem.invalid(faults).detail == "The request has 250 faults; the first 100 are listed in errors.")
    }

    @Test(arguments: [
        (#"{"data": {"a": {"b": ["x", "y\u0007"]}}}"#, "/data/a/b/1"),
        (#"{"data": {"a\u0001": 1}}"#, "/data/a\u{1}"),
        (#"{"data": {"s/l": "\u0085"}}"#, "/data/s~1l"),
    ])
    func `control characters deep inside data are found`(body: String, pointer: String) throws {
        var reader = try reader(body)
        _ = reader.data()
        #expect(reader.faults.list.map(\.pointer) == [pointer])
    }
}

struct TextRuleTests {
    @Test(arguments: [
        ("plain", nil), ("tab\tand\nnewline", nil), ("grüße 🎉", nil),
        ("cr\r", "must not hold the control character U+000D"), ("\u{7F}", "must not hold the control character U+007F"),
        ("\u{9F}", "must not hold the control character U+009F"), ("\u{A0}", nil),
    ])
    func `control characters but tab and newline are refused`(text: String, fault: String?) {
        #expect(TextRule.title.fault(in: text) == fault)
    }

    @Test func `a single line takes neither tab nor newline`() {
        #expect(TextRule.id.fault(in: "a\tb") != nil)
        #expect(TextRule.id.fault(in: "a\nb") != nil)
    }

    @Test func `length is counted in scalars, not in bytes and not in graphemes`() {
        #expect(TextRule.title.fault(in: String(repeating: "ü", count: 1_024)) == nil)
        #expect(TextRule.title.fault(in: String(repeating: "ü", count: 1_025)) == "must have at most 1024 characters")
        #expect(TextRule.title.fault(in: "a" + String(repeating: "\u{301}", count: 1_024)) != nil)
    }
}

struct MailAddressTests {
    @Test(arguments: [
        "ops@example.org", "a.b+tag@sub.example.org", "user@localhost", "jürgen@bücher.example", "o'hara@example.org", "x@1.example",
    ])
    func `mailboxes are taken`(address: String) {
        #expect(MailAddress.fault(in: address) == nil)
    }

    @Test(arguments: [
        "", "plain", "a@", "@example.org", "a@b@c", ".a@example.org", "a.@example.org", "a..b@example.org", "a b@example.org",
        "a@exa mple.org", "a@-x.org", "a@x-.org", "a@x..org", "a@.org", "a@example.org\r\nBcc: b@example.org", "a\n@example.org",
        "<a@example.org>", "a@[127.0.0.1]", "\"a b\"@example.org", "a,b@example.org",
        String(repeating: "a", count: 65) + "@example.org", "a@" + String(repeating: "b", count: 64) + ".org",
        "a@" + String(repeating: "b.", count: 127) + "org",
    ])
    func `what is no mailbox is refused`(address: String) {
        #expect(MailAddress.fault(in: address) != nil)
    }
}
