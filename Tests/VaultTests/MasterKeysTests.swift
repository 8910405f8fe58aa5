import Domain
import Foundation
import Testing

@testable import Vault

@Suite struct MasterKeysTests {
    @Test func `several keys stand with commas between, white space around them does not count, and the first seals`() throws {
        let keys = try MasterKeys(Secret(" \(Keys.text("k2")),\n\(Keys.text("k1")) \r\n"))
        #expect(keys.ids == ["k2", "k1"])
        #expect(keys.sealing?.id == "k2")
        #expect(keys["k1"]?.check == (try MasterKeys(Secret(Keys.text("k1")))).sealing?.check)
        #expect(keys["k3"] == nil)
    }

    @Test func `a generated key is one, and no other one`() throws {
        let texts = (0..<20).map { _ in MasterKeys.generate(id: "new").revealText() }
        #expect(Set(texts).count == 20)
        for text in texts { #expect(try MasterKeys(Secret(text)).ids == ["new"]) }
    }

    @Test func `a check value belongs to one id and one key`() throws {
        let checks = try [Keys.text("a"), Keys.text("b"), Keys.text("a", seed: "other"), Keys.text("b", seed: "a")].map {
            try MasterKeys(Secret($0)).sealing?.check
        }
        #expect(Set(checks).count == 4)
    }

    private static let bytes = Keys.text("x").dropFirst(2)

    @Test(arguments: [
        ("", "is empty"), (" ", "is empty"), (String(bytes), "has no id before a colon"), (":\(bytes)", "has an id that is not 1 to 64"),
        ("a b:\(bytes)", "has an id that is not"), ("\(String(repeating: "a", count: 65)):\(bytes)", "has an id that is not"),
        ("k:***", "has no base64"), ("k:", "has 0 bytes behind its id instead of 32"), ("k:\(bytes.dropLast())", "has no base64"),
        ("k:\(Data(repeating: 7, count: 31).base64EncodedString())", "has 31 bytes"),
        ("k:\(Data(repeating: 7, count: 33).base64EncodedString())", "has 33 bytes"),
        ("k:\(Data(repeating: 7, count: 32).base64EncodedString())", "not random"), ("k:\(bytes),", "of which number 2 is empty"),
        ("k:\(bytes),k:\(Keys.text("y").dropFirst(2))", "number 2 has the same id as number 1"),
        ("k:\(bytes),l:\(bytes)", "number 2 has the same bytes as number 1"), ("\(bytes):k", "has an id that is not"),
    ])
    func `what is no master key is told in words that show nothing of it`(text: String, expected: String) {
        #expect {
            _ = try MasterKeys(Secret(text))
        } throws: { error in
            let words = "\(error)"
            let pieces = text.split { ":,".contains($0) }.filter { $0.count > 8 }
            return words.contains(expected) && pieces.allSatisfy { !words.contains($0) }
                && words.contains("generate-key") != words.contains("id of its own")
        }
    }

    @Test func `nothing that prints a key shows it`() throws {
        let keys = try MasterKeys(Secret(Keys.text("k1")))
        var dumped = ""
        dump(keys, to: &dumped)
        let bytes = Keys.text("k1").dropFirst(3)
        for text in [dumped, "\(keys)", String(reflecting: keys), "\(keys.all)"] {
            #expect(!text.contains(bytes) && !text.contains(keys.all[0].check))
        }
    }

    @Test func `a variable is read at the start, a file again when it changes`() async throws {
        try await withOrgFolder(["key": Keys.text("k1") + "\n"]) { folder in
            let source = try MasterKeySource(reference: "file:\(folder.path)/key", environment: [:])
            #expect(source.ids == ["k1"] && source.problem == nil && source.isReadAgain)
            #expect(!source.refresh())
            try folder.write("key", Keys.texts("k2", "k1"))
            #expect(source.refresh())
            #expect(source.ids == ["k2", "k1"] && source.reading.generation == 1)
            // A slip keeps the keys that were good, and is told once.
            try folder.write("key", "k3:*")
            #expect(source.refresh() && source.ids == ["k2", "k1"])
            #expect(try #require(source.problem).contains("base64"))
            #expect(!source.refresh())
            try folder.remove("key")
            #expect(source.refresh() && source.ids == ["k2", "k1"])
            #expect(try #require(source.problem).contains("there is no such file"))
            try folder.write("key", Keys.texts("k2", "k1"))
            #expect(source.refresh() && source.problem == nil)
        }
        let variable = try MasterKeySource(reference: "env:K", environment: ["K": Keys.text("k1"), "OTHER": "x"])
        #expect(variable.ids == ["k1"] && !variable.isReadAgain && !variable.refresh())
    }

    @Test(arguments: [
        ("env:NOT_SET", "names the environment variable NOT_SET, which is not set"), ("file:/nowhere/key", "there is no such file"), ("", "is empty"),
    ])
    func `a reference that leads nowhere is no fault, and is told`(reference: String, expected: String) throws {
        let source = try MasterKeySource(reference: reference, environment: [:])
        #expect(source.ids.isEmpty)
        #expect(try #require(source.problem).contains(expected))
    }

    @Test func `a text that is no key at the start is a fault`() {
        #expect(throws: MasterKeys.Fault.self) { try MasterKeySource(reference: "env:K", environment: ["K": "hunter2"]) }
    }
}
