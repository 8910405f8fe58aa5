import Yams

/// A YAML document and the environment over it, while they are being read: hands out sections, gathers every fault instead of stopping at the first.
///
/// Not `Sendable`: it is made, read and dropped in one place.
public final class SettingsDocument {
    /// As faults name it.
    public let name: String
    /// Everything that was found wrong so far; complete after `finish()`.
    public private(set) var faults: [SettingsFault] = []
    /// The environment variables that keys were looked up under, whether they were set or not.
    public private(set) var variables: Set<String> = []
    /// Keys that were asked for and do not stand in the document.
    public private(set) var absentKeys: [String] = []

    private let environment: [String: String]
    private let prefix: String?
    private var root = Node.Mapping([])
    private var sections: [SettingsSection] = []

    /// - Parameter prefix: with `HERMOD_`, the variable `HERMOD_SERVER_PORT` wins over the key `server.port`; nil for documents that no environment overrides.
    public init(_ text: String, name: String, environment: [String: String] = [:], prefix: String? = nil) {
        self.name = name
        self.environment = environment
        self.prefix = prefix
        do {
            let node = try Yams.compose(yaml: text)
            if case .mapping(let mapping) = node {
                root = mapping
            } else if let node, node.scalar?.isNull != true {
                add(line: node.mark?.line, path: "", "must be a mapping of keys to values, `key: value` on each line")
            }
        } catch let error as YamlError {
            let (line, problem) = error.place
            add(line: line, path: "", "is no valid YAML: \(problem)")
        } catch {
            add(line: nil, path: "", "is no valid YAML: \(error)")
        }
    }

    /// The document's top level.
    public func top() -> SettingsSection { section(root, path: "") }

    /// Names the keys that nobody asked for. Call it when all has been read.
    public func finish() {
        for section in sections { section.nameUnknownKeys() }
        sections = []
        faults.sort { ($0.line ?? 0, $0.path) < ($1.line ?? 0, $1.path) }
    }

    func section(_ mapping: Node.Mapping?, path: String) -> SettingsSection {
        let section = SettingsSection(document: self, mapping: mapping, path: path)
        sections.append(section)
        return section
    }

    func add(line: Int?, path: String, _ message: String) {
        faults.append(SettingsFault(file: name, line: line, path: path, message: message))
    }

    func add(variable: String, _ message: String) {
        faults.append(SettingsFault(file: "environment", line: nil, path: variable, message: message))
    }

    func noteAbsent(_ path: String) { absentKeys.append(path) }

    /// The variable that overrides the key at `path`, and its value where it is set.
    func override(of path: String) -> (name: String, value: String)? {
        guard let prefix else { return nil }
        let name = prefix + String(path.map { $0 == "." ? "_" : $0 }).uppercased()
        variables.insert(name)
        return environment[name].map { (name, $0) }
    }
}

extension Node.Scalar {
    /// YAML 1.2's null: nothing, `~` or `null`, unquoted.
    var isNull: Bool { style == .plain || style == .any ? ["", "~", "null", "Null", "NULL"].contains(string) : false }
}

extension YamlError {
    /// Where it happened, as far as libyaml says, and what.
    fileprivate var place: (line: Int?, problem: String) {
        switch self {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            (mark.line, problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            (context.mark.line, "the key \(duplicates.sorted().joined(separator: ", ")) stands there twice; keep one")
        case .reader(let problem, _, _, _), .writer(let problem), .emitter(let problem), .representer(let problem): (nil, problem)
        case .no, .memory, .dataCouldNotBeDecoded: (nil, "\(self)")
        }
    }
}
