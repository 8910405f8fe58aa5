import Domain
import Testing

struct IdentifierTests {
    let now = Timestamp(milliseconds: 1_774_512_000_123)

    @Test func `an id reads back from its text, prefix included`() {
        for _ in 0..<200 {
            let id = Identifier.make(at: now)
            let text = id.text(prefix: "dlv_")
            #expect(text.utf8.count == 26)
            #expect(Identifier(text: text, prefix: "dlv_") == id)
        }
    }

    @Test func `ids sort by the time they were made, as numbers and as text`() {
        let made = (0..<50).map { Identifier.make(at: Timestamp(milliseconds: now.milliseconds + $0)) }
        #expect(made == made.sorted())
        #expect(made.map(\.text) == made.map(\.text).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    }

    @Test func `ids of the same millisecond sort by its fraction`() {
        let made = (0..<1_000).map { Identifier.make(at: Timestamp(microseconds: now.microseconds + $0)) }
        #expect(made == made.sorted())
        #expect(made.allSatisfy { $0.timestamp == now })
        #expect(Set(made.map(\.low)).count == 1_000)
    }

    @Test func `the lowest id parts those made before a moment from those made since`() {
        let bound = Identifier.lowest(notBefore: now)
        #expect(bound.timestamp == now)
        #expect(Identifier.make(at: now) > bound)
        #expect(Identifier.make(at: Timestamp(microseconds: now.microseconds - 1)) < bound)
        // An id shows whole milliseconds, and these are before a moment that is a little later.
        #expect(Identifier.make(at: now) < .lowest(notBefore: Timestamp(microseconds: now.microseconds + 1)))
        #expect(Identifier.lowest(notBefore: Timestamp(seconds: -1)).text == "0000000000000000000000")
        #expect(Identifier.lowest(notBefore: Timestamp(microseconds: .max)) > .make(at: now))
    }

    @Test func `an id knows when it was made`() {
        #expect(Identifier.make(at: now).timestamp == now)
    }

    @Test func `the UUID form is version 7, variant 10, lower case`() {
        let characters = Array(Identifier.make(at: now).uuidString)
        #expect(characters.count == 36)
        #expect([8, 13, 18, 23].allSatisfy { characters[$0] == "-" })
        #expect(characters[14] == "7")
        #expect("89ab".contains(characters[19]))
        #expect(characters.allSatisfy { "0123456789abcdef-".contains($0) })
    }

    @Test func `the smallest and the greatest id have their text`() {
        #expect(Identifier(high: 0, low: 0).text == "0000000000000000000000")
        let greatest = Identifier.greatest
        #expect(greatest.text == "7n42DGM5Tflk9n8mt7Fhc7")
        #expect(Identifier(text: greatest.text) == greatest)
        #expect(greatest.uuidString == "ffffffff-ffff-ffff-ffff-ffffffffffff")
    }

    @Test(arguments: [
        "", "dlv_", "dlv_000000000000000000000", "dlv_00000000000000000000000", "notif_0000000000000000000000", "0000000000000000000000",
        "dlv_000000000000000000000-", "dlv_00000000000000000000ä", "dlv_7n42DGM5Tflk9n8mt7Fhc8", "dlv_zzzzzzzzzzzzzzzzzzzzzz",
    ])
    func `what no id was written as is no id`(text: String) {
        #expect(Identifier(text: text, prefix: "dlv_") == nil)
    }
}
