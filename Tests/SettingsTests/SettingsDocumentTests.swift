import Testing

@testable import Settings

@Suite struct SettingsDocumentTests {
    private enum Colour: String, CaseIterable {
        case red, green
    }

    private func faults(_ text: String, environment: [String: String] = [:], _ read: (SettingsSection) -> Void) -> [String] {
        let document = SettingsDocument(text, name: "a.yaml", environment: environment, prefix: "HERMOD_")
        read(document.top())
        document.finish()
        return document.faults.map(\.description)
    }

    @Test func `values are read by kind, and what is not set keeps its default`() {
        var port = 1
        var host = "default"
        var colour = Colour.red
        var wait = Duration.zero
        let found = faults("server: { port: 8080, wait: 5s }\ncolour: green\n") { top in
            let server = top.section("server")
            server.read("port", into: &port, as: .integer(0...65_535))
            server.read("host", into: &host, as: .word)
            server.read("wait", into: &wait, as: .duration(.zero ... .seconds(60)))
            top.read("colour", into: &colour, as: .choice)
        }
        #expect(found == [])
        #expect(port == 8080 && host == "default" && colour == .green && wait == .seconds(5))
    }

    @Test func `each fault names file, line, key, what is right and what stands there`() {
        let found = faults("server:\n  port: lots\n  prot: 1\ncolour: blue\nlist: {}\n") { top in
            _ = top.section("server").value("port", as: .integer(0...9))
            _ = top.value("colour", as: SettingKind<Colour>.choice)
            _ = top.sections("list")
        }
        #expect(
            found == [
                "a.yaml:2: server.port: must be a whole number from 0 to 9, not \"lots\"",
                "a.yaml:3: server.prot: is no known key; did you mean port?",
                "a.yaml:4: colour: must be red or green, not \"blue\"",
                "a.yaml:5: list: must be a list, `- key: value` for each entry",
            ])
    }

    @Test func `a value where a mapping belongs, and the other way round, is told`() {
        let found = faults("server: 5\nport: [1]\nlist:\n  - 1\n") { top in
            _ = top.section("server").value("port", as: .integer(0...9))
            _ = top.value("port", as: .integer(0...9))
            _ = top.sections("list")
        }
        #expect(found.count == 3)
        #expect(found[0] == "a.yaml:1: server: must be a mapping of keys to values")
        #expect(found[1] == "a.yaml:2: port: must be a whole number from 0 to 9, not a list")
        #expect(found[2].hasPrefix("a.yaml:4: list[0]: must be a mapping"))
    }

    @Test func `the environment wins over the file, and is held to the same rules`() {
        var port = 0
        let good = faults("server: { port: 1 }", environment: ["HERMOD_SERVER_PORT": "2"]) {
            $0.section("server").read("port", into: &port, as: .integer(0...9))
        }
        #expect(good == [] && port == 2)
        let bad = faults("server: { port: 1 }", environment: ["HERMOD_SERVER_PORT": "x"]) {
            $0.section("server").read("port", into: &port, as: .integer(0...9))
        }
        #expect(bad == ["environment: HERMOD_SERVER_PORT: must be a whole number from 0 to 9, not \"x\""])
    }

    @Test func `a secret written down by mistake is not repeated`() {
        let kind = SettingKind<Int>("a reference", mayBeShown: false) { _ in nil }
        #expect(faults("key: hunter2") { _ = $0.value("key", as: kind) } == ["a.yaml:1: key: must be a reference"])
    }

    @Test func `null is the same as not set, quoted null is a text`() {
        let found = faults("a: null\nb: ~\nc:\nd: \"null\"\n") { top in
            #expect(top.value("a", as: .text) == nil)
            #expect(top.value("b", as: .text) == nil)
            #expect(top.value("c", as: .text) == nil)
            #expect(top.value("d", as: .text) == "null")
        }
        #expect(found == [])
    }

    @Test(arguments: [
        ("a: 1\na: 2\n", "a.yaml:1: is no valid YAML: the key a stands there twice; keep one"),
        ("- a\n", "a.yaml:1: must be a mapping of keys to values, `key: value` on each line"),
        ("just text\n", "a.yaml:1: must be a mapping of keys to values, `key: value` on each line"),
    ])
    func `a document that is no mapping with unique keys is refused`(text: String, expected: String) {
        #expect(faults(text) { _ = $0.value("a", as: .text) } == [expected])
    }

    @Test func `broken YAML is told with its line`() throws {
        let found = faults("a: 1\nb: [1, 2\nc: 3\n") { _ = $0 }
        #expect(found.count == 1)
        #expect(try #require(found.first).contains("is no valid YAML"))
        #expect(try #require(found.first).hasPrefix("a.yaml:"))
    }

    @Test func `an empty document is an empty mapping`() {
        #expect(faults("") { _ = $0.value("a", as: .text) } == [])
        #expect(faults("# nothing\n") { _ = $0.value("a", as: .text) } == [])
    }

    @Test(arguments: ["https://exp.host", "http://127.0.0.1:9090", "https://[::1]:8443", "https://a.example/base"])
    func `an origin is an address with scheme and host`(text: String) {
        #expect(SettingKind.origin.read(text) == text)
        #expect(SettingKind.origin.read(text + "/") == text)
    }

    @Test(arguments: [
        "", "exp.host", "ftp://a", "https://", "https:///a", "https://a b", "https://u:p@a", "https://a?x", "https://a#x", "https://:80",
    ])
    func `anything else is no origin`(text: String) {
        #expect(SettingKind.origin.read(text) == nil)
    }
}
