import API
import DeliveryEngine
import Logging
import Providers
import Templates
import Transport

/// Everything that can be configured. Defaults stand in the modules that use them; `config/hermod.yaml` writes them down for people, and a test holds the two together.
struct GatewayConfiguration: Sendable {
    enum PublicAccess: String, Sendable, CaseIterable {
        case open
        case authenticated
    }

    var http = Gateway.Configuration()
    /// True lets `public: open` listen beyond loopback.
    var openBeyondLoopback = false
    var tokens = TokenSettings()
    /// The SQLite file.
    var databasePath = "var/hermod.sqlite"
    var engine = DeliveryEngine.Configuration()
    var metrics = MetricsSettings()
    var orgsFolder = "config/orgs"
    var templatesFolder = Templates.defaultFolder
    /// Where the vault's master key will be found; a reference, never the key.
    var masterKey = "env:HERMOD_MASTER_KEY"
    var endpoints = ProviderFactory.Endpoints()
    var transport = HTTPTransport.Configuration()
    var mail = SMTPTransport.Configuration()
    /// Where DKIM records are asked for; nil: the system's name servers.
    var nameServer: NameService.Server?
    var logLevel = Logger.Level.info
    var logFormat = LogFormat.json
}

extension GatewayConfiguration {
    /// Where a command on this machine finds the gateway.
    func address() throws(StartFault) -> String {
        guard http.port != 0 else { throw StartFault("the configuration leaves the port to chance", remedy: "name the gateway with --url") }
        let host = http.host == "0.0.0.0" || http.host == "::" ? "localhost" : http.host
        return "http://\(host.contains(":") ? "[\(host)]" : host):\(http.port)"
    }
}
