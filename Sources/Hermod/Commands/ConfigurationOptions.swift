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
        var masterKeys: Result<MasterKeySource, SettingsFault>
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
        do throws(SettingsFault) {
            try configuration.metrics.resolve(file: path, environment: environment)
        } catch {
            faults.append(error)
        }
        let masterKeys = Self.masterKeys(configuration.masterKey, file: path, environment: environment)
        if case .failure(let fault) = masterKeys { faults.append(fault) }
        let orgs = OrgFiles(
            folder: configuration.orgsFolder, environment: environment, defaultOrg: configuration.http.defaultOrg, logger: logger(configuration))
        let strays = file.strayVariables(in: environment, besides: configuration.referencedVariables.union(orgs.variables))
        let templates = Templates.load(folder: configuration.templatesFolder)
        return Loaded(
            configuration: configuration, orgs: orgs, masterKeys: masterKeys, templates: templates.templates,
            faults: faults + strays + templates.faults)
    }

    /// A reference that leads nowhere is no fault, since credentials may all stand in files; one that leads to something else than keys is.
    static func masterKeys(_ reference: String, file: String, environment: [String: String]) -> Result<MasterKeySource, SettingsFault> {
        do throws(MasterKeys.Fault) {
            return .success(try MasterKeySource(reference: reference, environment: environment))
        } catch {
            return .failure(SettingsFault(file: file, line: nil, path: "vault.master_key", message: error.description))
        }
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
