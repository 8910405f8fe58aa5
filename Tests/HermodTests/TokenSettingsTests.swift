import API
import ArgumentParser
import Domain
import Foundation
import Settings
import Testing

@testable import Hermod

@Suite struct TokenSettingsTests {
    private func resolve(_ reference: String, _ environment: [String: String] = [:]) throws(SettingsFault) -> Secret? {
        var settings = TokenSettings()
        settings.secretReference = reference
        try settings.resolve(file: "h.yaml", environment: environment)
        return settings.secret
    }

    @Test func `a secret is read from where it stands, without the line's end`() throws {
        let secret = String(repeating: "s", count: 32)
        #expect(try resolve("env:S", ["S": secret])?.revealText() == secret)
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("hermod-secret-\(UUID().uuidString)")
        try Data("\(secret)\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(try resolve("file:\(file.path)")?.revealText() == secret)
        #expect(try resolve("") == nil)
    }

    @Test func `a secret that is missing or short is a fault that does not repeat it`() {
        let short = String(repeating: "s", count: 31)
        for (reference, environment, reason) in [
            ("env:S", [:], "environment variable S, which is not set"), ("file:/no/such", [:], "there is no such file"),
            ("env:S", ["S": short], "leads to a secret of 31 bytes; HS256 needs 32"),
        ] as [(String, [String: String], String)] {
            let fault = #expect(throws: SettingsFault.self) { _ = try resolve(reference, environment) }
            #expect(fault?.description.contains(reason) == true && fault?.path == "auth.jwt.hs256_secret")
            #expect(fault?.description.contains(short) == false)
        }
    }

    @Test func `what is accepted is told at the start`() {
        var settings = TokenSettings()
        #expect(settings.summary == nil && !settings.isOn)
        settings.secretReference = "env:S"
        #expect(settings.summary == "JWT (HS256)" && settings.isOn)
        settings.keySet = "file:k"
        #expect(settings.summary == "JWT (HS256, RS256, ES256)")
    }
}

@Suite struct CredentialOptionsTests {
    private func read(_ arguments: [String], _ environment: [String: String] = [:]) throws -> String? {
        try CredentialOptions.parse(arguments).read(environment)?.revealText()
    }

    @Test func `the command line wins over the environment`() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("hermod-key-\(UUID().uuidString)")
        try Data("from-file\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let environment = ["HERMOD_API_KEY": "from-environment"]
        #expect(try read([]) == nil)
        #expect(try read([], ["HERMOD_API_KEY": ""]) == nil)
        #expect(try read([], environment) == "from-environment")
        #expect(try read(["--key", "given"], environment) == "given")
        #expect(try read(["--key-file", file.path], environment) == "from-file")
        #expect(throws: (any Error).self) { _ = try read(["--key", "a", "--key-file", file.path]) }
    }

    @Test func `what is no credential is refused without being repeated`() throws {
        for text in ["two words", "line\nbreak", "\u{1}", "käse", " "] {
            let fault = #expect(throws: StartFault.self) { _ = try read(["--key", text]) }
            #expect(fault?.description.contains("--key holds no API key or token") == true)
            #expect(fault?.description.contains("two words") == false)
        }
        let missing = #expect(throws: StartFault.self) { _ = try read(["--key-file", "/no/such"]) }
        #expect(missing?.description == "the key file /no/such can't be used: there is no such file")
    }
}
