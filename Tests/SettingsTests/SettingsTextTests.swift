import Testing

@testable import Settings

@Suite struct SettingsTextTests {
    @Test(arguments: [
        ("500ms", Duration.milliseconds(500)), ("10s", .seconds(10)), ("15m", .seconds(900)), ("1h", .seconds(3_600)), ("2d", .seconds(172_800)),
        ("0s", .zero),
    ])
    func `a time is a number and a unit`(text: String, expected: Duration) {
        #expect(SettingsText.duration(text) == expected)
        #expect(SettingsText.duration(SettingsText.duration(expected)) == expected)
    }

    @Test(arguments: ["", "10", "s", "1.5s", "-1s", "10 s", "10S", "+3s", "99999999999999999999s", "9999999999999999d"])
    func `a time without unit, with a sign, or beyond reach is none`(text: String) {
        #expect(SettingsText.duration(text) == nil)
    }

    @Test func `sizes are read and written in binary units`() {
        #expect(SettingsText.bytes("65536") == 65_536)
        #expect(SettingsText.bytes("64KiB") == 65_536)
        #expect(SettingsText.bytes("1MiB") == 1_048_576)
        #expect(SettingsText.bytes("1MB") == nil)
        #expect(SettingsText.size(1_048_576) == "1MiB")
        #expect(SettingsText.size(1_000) == "1000")
    }

    @Test func `the nearest key is named, a far one is not`() {
        let keys = ["host", "port", "max_body", "receipt_delay"]
        #expect(SettingsText.nearest(to: "prot", among: keys) == "port")
        #expect(SettingsText.nearest(to: "Host", among: keys) == "host")
        #expect(SettingsText.nearest(to: "reciept_dealy", among: keys) == "receipt_delay")
        #expect(SettingsText.nearest(to: "password", among: keys) == nil)
        #expect(SettingsText.distance(Array("ab".utf8), Array("ba".utf8)) == 1)
        #expect(SettingsText.distance(Array("kitten".utf8), Array("sitting".utf8)) == 3)
        #expect(SettingsText.distance([], Array("abc".utf8)) == 3)
    }
}
