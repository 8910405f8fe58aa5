import Domain
import Testing

@testable import API

struct APIKeyTextTests {
    private static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")

    @Test func `what is made can be read again, and shows its prefix`() throws {
        let made = APIKeyText.make()
        let read = try #require(APIKeyText(made.text))
        #expect(read.text == made.text && made.text.utf8.count == 47)
        #expect(made.text.hasPrefix("hk_") && made.text.hasPrefix(made.prefix) && made.prefix.utf8.count == 11)
        #expect(made.text != APIKeyText.make().text)
        #expect(read.digest.matches(made.digest))
        #expect(made.digest.hex.utf8.count == 64 && !made.digest.hex.contains(made.text))
    }

    @Test func `the text is the one that scanners are told of`() throws {
        // By zlib: crc32("hk_" + 38 × "0") in base 62.
        let body = "hk_" + String(repeating: "0", count: 38)
        #expect(CRC32.of(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(CRC32.of(Array(body.utf8)) == 0x7A85_BC9A)
        #expect(APIKeyText(body + "2F71XW") != nil)
        #expect(APIKeyText(body + "2F71X0") == nil)
    }

    @Test func `a typing error is noticed, wherever it is`() {
        let text = Array(APIKeyText.make().text)
        for index in text.indices {
            var other = text
            other[index] = text[index] == "x" ? "y" : "x"
            #expect(APIKeyText(String(other)) == nil, "at \(index)")
        }
        for index in text.indices.dropLast() where text[index] != text[index + 1] {
            var other = text
            other.swapAt(index, index + 1)
            #expect(APIKeyText(String(other)) == nil, "swapped at \(index)")
        }
    }

    @Test func `what is no key is none`() {
        let text = APIKeyText.make().text
        for other in ["", "hk_", String(text.dropLast()), text + "0", " " + text, "HK_" + text.dropFirst(3), String(repeating: "ü", count: 47)] {
            #expect(APIKeyText(other) == nil)
        }
    }

    @Test func `each character is drawn from all digits`() {
        var seen: Set<Character> = []
        for _ in 0..<200 { seen.formUnion(APIKeyText.make().text.dropFirst(3).dropLast(6)) }
        #expect(seen == Set(Self.digits))
    }
}

struct KeyDigestTests {
    @Test func `digests match when every digit does`() {
        let digest = KeyDigest(hex: "00ff")
        #expect(digest.matches(KeyDigest(hex: "00ff")))
        for other in ["10ff", "00fe", "00f", "00ff0", ""] { #expect(!digest.matches(KeyDigest(hex: other))) }
    }
}
