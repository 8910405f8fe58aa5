import Domain
import Testing

struct JSONTests {
    @Test(arguments: [
        "null", "true", "false", "0", "-0", "12", "-1.5", "1e3", "1E-7", "123456789012345678901234567890", "\"\"", "\"ä € 😀\"", "[]", "[1,[2],{}]",
        "{}",
        #"{"a":1,"b":[true,null],"a":2}"#, #""\"\\\n\r\t""#,
    ])
    func `a compact document comes out as it went in`(text: String) throws {
        #expect(try JSON(parsing: text).text == text)
    }

    @Test func `white space around values is left out, inside strings kept`() throws {
        #expect(try JSON(parsing: " \n{ \"a b\" :\t[ 1 , \" x \" ] }\r ").text == #"{"a b":[1," x "]}"#)
    }

    @Test func `escapes are understood, surrogate pairs included`() throws {
        #expect(try JSON(parsing: #""\u0041\u00e4\uD83D\uDE00\/\b\f""#).string == "Aä😀/\u{8}\u{C}")
        #expect(try JSON(parsing: #""\u0000""#).text == #""\u0000""#)
    }

    @Test(
        arguments: [
            ("", 0), ("{", 1), ("[1,]", 3), ("[1 2]", 3), (#"{"a"}"#, 4), (#"{"a":}"#, 5), (#"{a:1}"#, 1), ("nul", 0), ("nulx", 0), ("01", 1),
            ("1.", 2), ("-", 1),
            ("1e", 2), ("+1", 0), ("\"abc", 4), (#""\x""#, 3), (#""\u12G4""#, 5), (#""\uD800""#, 7), (#""\uD800\u0041""#, 13), (#""\uDC00""#, 7),
            ("\"a\nb\"", 2),
            ("1 1", 2), ("[1}", 2), ("'a'", 0),
        ] as [(String, Int)])
    func `a fault is named with its place`(text: String, offset: Int) {
        let error = #expect(throws: JSONSyntaxError.self) { try JSON(parsing: text) }
        #expect(error?.offset == offset)
    }

    @Test(arguments: [[0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xC0, 0x80, 0x22]] as [[UInt8]])
    func `bytes that are not UTF-8 are refused`(bytes: [UInt8]) {
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: bytes) }
    }

    @Test func `nesting is limited, on every kind of bracket`() throws {
        let deep = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
        #expect(try JSON(parsing: deep).text == deep)
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: String(repeating: "[", count: 100_000)) }
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: String(repeating: #"{"a":"#, count: 129)) }
    }

    @Test func `every control character is escaped`() throws {
        for byte in UInt8(0)..<32 {
            let text = String(UnicodeScalar(byte))
            let written = JSON.string(text).bytes
            #expect(written.allSatisfy { $0 >= 0x20 })
            #expect(try JSON(parsing: written).string == text)
        }
    }

    @Test func `whole numbers are whole however they are written`() throws {
        #expect(try JSON(parsing: "1e3").integer == 1_000)
        #expect(try JSON(parsing: "1.0").integer == 1)
        #expect(try JSON(parsing: "9223372036854775807").integer == .max)
        #expect(try JSON(parsing: "9223372036854775808").integer == nil)
        #expect(try JSON(parsing: "1.5").integer == nil)
        #expect(try JSON(parsing: "1e999").integer == nil)
    }

    @Test func `of equal names the last one counts, and setting leaves one`() throws {
        var object = try #require(try JSON(parsing: #"{"a":1,"b":2,"a":3}"#).object)
        #expect(object["a"] == 3)
        object["a"] = nil
        #expect(object.text == #"{"b":2}"#)
        object["c"] = true
        #expect(object.text == #"{"b":2,"c":true}"#)
    }

    @Test func `setting a name that stands twice gives the new value alone`() throws {
        var object = try #require(try JSON(parsing: #"{"a":1,"a":3}"#).object)
        object["a"] = 4
        #expect(object["a"] == 4)
    }

    @Test func `members and elements that are missing are nothing, not a fault`() throws {
        let json = try JSON(parsing: #"{"a":[1]}"#)
        #expect(json["a"]?[0] == 1)
        #expect(json["a"]?[1] == nil)
        #expect(json["a"]?[-1] == nil)
        #expect(json["a"]?["b"] == nil)
        #expect(json[0] == nil)
    }
}
