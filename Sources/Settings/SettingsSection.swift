import Yams

/// One mapping of a document. Each key is asked for once, by name and kind; keys that nobody asks for are faults.
public final class SettingsSection {
    private unowned let document: SettingsDocument
    private let mapping: Node.Mapping?
    /// `providers.expo`, `credentials[1]`; empty at the top.
    public let path: String
    private var asked: [String] = []

    init(document: SettingsDocument, mapping: Node.Mapping?, path: String) {
        self.document = document
        self.mapping = mapping
        self.path = path
    }

    /// Where the section begins.
    public var line: Int? { mapping?.mark?.line }

    /// Replaces `value` when the key is set, in the environment or in the document, and readable.
    public func read<Value>(_ key: String, into value: inout Value, as kind: SettingKind<Value>) {
        if let given = self.value(key, as: kind) { value = given }
    }

    /// The key's value; nil when it is not set, is null, or is faulty (which has then been noted).
    public func value<Value>(_ key: String, as kind: SettingKind<Value>) -> Value? {
        let node = ask(key)
        if node == nil { document.noteAbsent(path(of: key)) }
        if let override = document.override(of: path(of: key)) {
            guard let value = kind.read(override.value) else {
                document.add(variable: override.name, kind.complaint(about: override.value))
                return nil
            }
            return value
        }
        guard let node else { return nil }
        guard case .scalar(let scalar) = node else {
            fault(key, "must be \(kind.expectation), not a \(node.isMapping ? "mapping" : "list")")
            return nil
        }
        if scalar.isNull { return nil }
        guard let value = kind.read(scalar.string) else {
            fault(key, kind.complaint(about: scalar.string))
            return nil
        }
        return value
    }

    /// As `value`, but a key that is missing is a fault.
    public func required<Value>(_ key: String, as kind: SettingKind<Value>) -> Value? {
        let before = document.faults.count
        if let value = value(key, as: kind) { return value }
        if document.faults.count == before { fault(key, "is missing; it must be \(kind.expectation)") }
        return nil
    }

    /// The readable values of the list under that key; none when it is missing.
    public func values<Value>(_ key: String, as kind: SettingKind<Value>) -> [Value] {
        guard let node = ask(key), node.scalar?.isNull != true else { return [] }
        guard case .sequence(let sequence) = node else {
            fault(key, "must be a list, each entry \(kind.expectation)")
            return []
        }
        return sequence.enumerated().compactMap { index, element in
            if let text = element.scalar?.string, let value = kind.read(text) { return value }
            let complaint = element.scalar.map { kind.complaint(about: $0.string) } ?? "must be \(kind.expectation)"
            document.add(line: element.mark?.line, path: "\(path(of: key))[\(index)]", complaint)
            return nil
        }
    }

    /// The mapping under that key; an empty one when it is missing.
    public func section(_ key: String) -> SettingsSection {
        let node = ask(key)
        if case .mapping(let mapping) = node { return document.section(mapping, path: path(of: key)) }
        if let node, node.scalar?.isNull != true { fault(key, "must be a mapping of keys to values") }
        return document.section(nil, path: path(of: key))
    }

    /// The mappings of the list under that key; none when it is missing.
    public func sections(_ key: String) -> [SettingsSection] {
        guard let node = ask(key), node.scalar?.isNull != true else { return [] }
        guard case .sequence(let sequence) = node else {
            fault(key, "must be a list, `- key: value` for each entry")
            return []
        }
        return sequence.enumerated().compactMap { index, element in
            let path = "\(path(of: key))[\(index)]"
            guard case .mapping(let mapping) = element else {
                document.add(line: element.mark?.line, path: path, "must be a mapping of keys to values")
                return nil
            }
            return document.section(mapping, path: path)
        }
    }

    /// True when the key stands in the document, whatever its value.
    public func has(_ key: String) -> Bool { mapping?[key] != nil }

    /// Notes that something is wrong with a key, or, without one, with the whole section.
    public func fault(_ key: String? = nil, _ message: String) {
        guard let key else { return document.add(line: line, path: path, message) }
        let node = mapping?.first { $0.key.string == key }
        document.add(line: node?.key.mark?.line ?? line, path: path(of: key), message)
    }

    func nameUnknownKeys() {
        for (key, _) in mapping ?? Node.Mapping([]) where !asked.contains(key.string ?? "") {
            let name = key.string ?? "?"
            let near = SettingsText.nearest(to: name, among: asked).map { "did you mean \($0)?" } ?? "known here: \(asked.joined(separator: ", "))"
            document.add(line: key.mark?.line, path: path(of: name), "is no known key; \(near)")
        }
    }

    private func ask(_ key: String) -> Node? {
        asked.append(key)
        return mapping?[key]
    }

    private func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}

extension Node {
    fileprivate var isMapping: Bool {
        if case .mapping = self { true } else { false }
    }
}
