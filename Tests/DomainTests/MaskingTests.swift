import Domain
import Testing

struct MaskingTests {
    @Test(arguments: [
        ("ExponentPushToken[abcdefghijkl]", "ExponentPushToken[abc…]"), ("ExpoPushToken[ab]", "ExpoPushToken[a…]"),
        ("ExpoPushToken[a]", "ExpoPushToken[…]"),
        ("740f4707bebcf74f9b7c25d48e335894", "740f47…"), ("abcd", "ab…"), ("a", "…"), ("", "…"), ("lena@example.org", "l…@example.org"),
        ("@example.org", "…@example.org"), ("\"a@b\"@example.org", "\"…@example.org"),
    ])
    func `enough to recognise, too little to use`(target: String, masked: String) {
        #expect(Masking.mask(target) == masked)
    }

    @Test func `every occurrence of a secret is taken out of a text`() {
        let text = Masking.redact(
            "token 740f4707bebc is bad; 740f4707bebc was sent to lena@example.org", removing: ["740f4707bebc", "lena@example.org"])
        #expect(text == "token 740f47… is bad; 740f47… was sent to l…@example.org")
    }

    @Test func `a text is cut between characters, never within one`() {
        let text = Masking.redact(String(repeating: "ä", count: 10), removing: [], limit: 5)
        #expect(text == "ää")
        #expect(Masking.redact("short", removing: [], limit: 5) == "short")
    }

    @Test func `a secret at the cut is not left in half`() {
        let text = Masking.redact("xxxx740f4707bebcf74f", removing: ["740f4707bebcf74f"], limit: 12)
        #expect(!text.contains("740f4707"))
    }
}
