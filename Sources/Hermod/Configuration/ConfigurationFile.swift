import Settings

/// The configuration as the file and the environment give it together.
struct ConfigurationFile {
    static let prefix = "HERMOD_"
    /// Read by commands and not by the gateway; may stand in the environment of both.
    static let keyVariable = "HERMOD_API_KEY"
    static let defaultPath = "config/hermod.yaml"

    var configuration: GatewayConfiguration
    var faults: [SettingsFault]
    /// Keys that the file leaves to their defaults.
    var absentKeys: [String]
    /// The variables that override keys.
    private var variables: Set<String>

    init(path: String, environment: [String: String]) throws(StartFault) {
        let text: String
        do {
            text = try BoundedFile.text(path)
        } catch {
            throw StartFault("the configuration \(path) can't be used: \(error.reason)", remedy: "name the file with --config PATH")
        }
        self.init(text, name: path, environment: environment)
    }

    init(_ text: String, name: String, environment: [String: String]) {
        let document = SettingsDocument(text, name: name, environment: environment, prefix: Self.prefix)
        configuration = GatewayConfiguration(document.top())
        document.finish()
        faults = document.faults
        absentKeys = document.absentKeys
        variables = document.variables
    }

    /// Variables that look like ours and mean nothing: most likely a key that somebody believes to have set.
    ///
    /// - Parameter references: variables that references name; they are values, not keys.
    func strayVariables(in environment: [String: String], besides references: Set<String>) -> [SettingsFault] {
        environment.keys.filter { $0.hasPrefix(Self.prefix) && $0 != Self.keyVariable && !variables.contains($0) && !references.contains($0) }
            .sorted().map { name in
                let near = SettingsText.nearest(to: name, among: variables).map { "; did you mean \($0)?" } ?? ""
                return SettingsFault(
                    file: "environment", line: nil, path: name, message: "sets no key, and no reference names it\(near)")
            }
    }
}
