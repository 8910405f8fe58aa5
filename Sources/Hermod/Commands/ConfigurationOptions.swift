import API
import ArgumentParser
import Logging
import Settings
import Templates
import Vault

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// `--config`, and reading what it names.
struct ConfigurationOptions: ParsableArguments {
    @Option(name: .customLong("config"), help: ArgumentHelp("The configuration file.", valueName: "path"))
    var path = ConfigurationFile.defaultPath

    /// Everything that can be known before anything is opened.
    struct Loaded {
        var configuration: GatewayConfiguration
        var orgs: OrgFiles
        /// What `vault.master_key` leads to, or why that is no master key.
        var masterKeys: Result<MasterKeySource, StartFault>
        var templates: Templates
        /// What keeps the gateway from starting.
        var faults: [SettingsFault]
    }

    func load(logger: (GatewayConfiguration) -> Logger) throws(StartFault) -> Loaded {
        let environment = Self.environment
        let file = try ConfigurationFile(path: path, environment: environment)
        var configuration = file.configuration
        var faults = file.faults
        do throws(SettingsFault) {
            try configuration.tokens.resolve(file: path, environment: environment)
        } catch {
            faults.append(error)
        }
        let masterKeys: Result<MasterKeySource, StartFault>
        do throws(MasterKeys.Fault) {
            masterKeys = .success(try MasterKeySource(reference: configuration.masterKey, environment: environment))
        } catch {
            let fault = SettingsFault(file: path, line: nil, path: "vault.master_key", message: error.description)
            faults.append(fault)
            masterKeys = .failure(StartFault(fault.description))
        }
        let orgs = OrgFiles(
            folder: configuration.orgsFolder, environment: environment, defaultOrg: configuration.http.defaultOrg, logger: logger(configuration))
        let strays = file.strayVariables(in: environment, besides: configuration.referencedVariables.union(orgs.variables))
        let templates = Templates.load(folder: configuration.templatesFolder)
        return Loaded(
            configuration: configuration, orgs: orgs, masterKeys: masterKeys, templates: templates.templates,
            faults: faults + strays + templates.faults)
    }

    /// The process's environment: the one place that reads it.
    static var environment: [String: String] {
        var variables: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") { variables[String(text[..<equals])] = String(text[text.index(after: equals)...]) }
            next += 1
        }
        return variables
    }
}

/// Ends a command with its faults on standard error, one to a line, and exit code 1.
func fail(_ faults: [some CustomStringConvertible]) -> ExitCode {
    for fault in faults { StandardStream.error.line("hermod: \(fault)") }
    return .failure
}
