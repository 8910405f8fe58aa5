import Domain
private import Foundation
import Settings

/// A JSON object, in which secrets stand themselves. No fault repeats a value: one that stands in the wrong place may be a secret.
///
/// Not `Sendable`: it is made, read and dropped in one place.
final class JSONMembers: CredentialMembers {
    /// Everything that was found wrong in the object and those inside it.
    private final class Notes {
        var faults: [CredentialFault] = []
    }

    private let object: JSONObject
    /// `dkim/0/` inside; empty for the whole.
    private let place: String
    private let notes: Notes
    private var asked: [String] = []
    private var inner: [JSONMembers] = []

    convenience init(_ object: JSONObject) {
        self.init(object, at: "", Notes())
    }

    private init(_ object: JSONObject, at place: String, _ notes: Notes) {
        self.object = object
        self.place = place
        self.notes = notes
    }

    /// All faults, once everything has been asked for.
    func finish() -> [CredentialFault] {
        nameStrangers()
        return notes.faults
    }

    func has(_ name: String) -> Bool { member(name) != nil }

    func value<Value>(_ name: String, as kind: SettingKind<Value>) -> Value? { value(name, as: kind, isRequired: false) }

    func required<Value>(_ name: String, as kind: SettingKind<Value>) -> Value? { value(name, as: kind, isRequired: true) }

    private func value<Value>(_ name: String, as kind: SettingKind<Value>, isRequired: Bool) -> Value? {
        guard let given = ask(name) else {
            if isRequired { fault(name, "is missing; it must be \(kind.expectation)") }
            return nil
        }
        guard case .string(let text) = given else {
            fault(name, "must be a string: \(kind.expectation)")
            return nil
        }
        guard let value = kind.read(text) else {
            fault(name, "must be \(kind.expectation)")
            return nil
        }
        return value
    }

    func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let given = ask(name) else { return nil }
        guard case .number(let text) = given, let number = SettingKind.integer(range).read(text) else {
            fault(name, "must be \(SettingKind.integer(range).expectation)")
            return nil
        }
        return number
    }

    func flag(_ name: String) -> Bool? {
        guard let given = ask(name) else { return nil }
        guard case .bool(let flag) = given else {
            fault(name, "must be true or false")
            return nil
        }
        return flag
    }

    func values(_ name: String, as kind: SettingKind<String>) -> [String] {
        guard let given = ask(name) else { return [] }
        guard case .array(let elements) = given else {
            fault(name, "must be an array of strings")
            return []
        }
        return elements.enumerated().compactMap { index, element in
            if case .string(let text) = element, let value = kind.read(text) { return value }
            fault("\(name)/\(index)", "must be \(kind.expectation)")
            return nil
        }
    }

    func secret(_ name: String, as form: SecretForm, isRequired: Bool) -> [UInt8]? {
        guard let given = ask(name) else {
            if isRequired { fault(name, "is missing; it must be \(Self.expectation(form))") }
            return nil
        }
        guard let bytes = Self.bytes(given, as: form) else {
            fault(name, "must be \(Self.expectation(form))")
            return nil
        }
        return bytes
    }

    func sections(_ name: String) -> [any CredentialMembers] {
        guard let given = ask(name) else { return [] }
        guard case .array(let elements) = given else {
            fault(name, "must be an array of objects")
            return []
        }
        return elements.enumerated().compactMap { index, element in
            guard case .object(let object) = element else {
                fault("\(name)/\(index)", "must be an object")
                return nil
            }
            let members = JSONMembers(object, at: "\(place)\(name)/\(index)/", notes)
            inner.append(members)
            return members
        }
    }

    func fault(_ name: String, _ message: String, remedy: String) {
        let sentence = remedy.isEmpty ? "" : remedy.prefix(1).uppercased() + remedy.dropFirst() + "."
        notes.faults.append(CredentialFault(field: place + name, message: message, remedy: sentence))
    }

    private func fault(_ name: String, _ message: String) { fault(name, message, remedy: "") }

    private func ask(_ name: String) -> JSON? {
        asked.append(name)
        return member(name)
    }

    /// Null counts as absent, here as everywhere.
    private func member(_ name: String) -> JSON? {
        let value = object.members.last { $0.key == name }?.value
        return value == .null ? nil : value
    }

    private func nameStrangers() {
        var seen: Set<String> = []
        for member in object.members {
            // RFC 6901 section 3: the field becomes part of a pointer.
            let name = member.key.replacing("~", with: "~0").replacing("/", with: "~1")
            if !seen.insert(member.key).inserted {
                fault(name, "stands there twice", remedy: "leave one out")
            } else if !asked.contains(member.key) {
                let near = SettingsText.nearest(to: member.key, among: asked).map { "did you mean \($0)?" }
                fault(name, "is no known member; " + (near ?? "known here: \(asked.joined(separator: ", "))"))
            }
        }
        for members in inner { members.nameStrangers() }
    }

    private static func bytes(_ value: JSON, as form: SecretForm) -> [UInt8]? {
        switch (form, value) {
        case (.text, .string(let text)): text.isEmpty ? nil : Array(text.utf8)
        case (.bytes, .string(let text)): decoded(text)
        case (.document, .string(let text)): text.isEmpty ? nil : Array(text.utf8)
        case (.document, .object): value.bytes
        case (.text, _), (.bytes, _), (.document, _): nil
        }
    }

    /// The base64 command breaks lines.
    private static func decoded(_ text: String) -> [UInt8]? {
        let text = text.filter { !$0.isNewline && $0 != " " }
        guard !text.isEmpty, let data = Data(base64Encoded: text) else { return nil }
        return Array(data)
    }

    private static func expectation(_ form: SecretForm) -> String {
        switch form {
        case .text: "a string that is not empty"
        case .bytes: "a string with the file's bytes in base64"
        case .document: "the JSON object as the console gives it, or a string with its text"
        }
    }
}
