import API
import DeliveryEngine
import Domain
import Logging
import Providers
import Settings
import Transport

extension GatewayConfiguration {
    /// Reads every key; what is wrong is noted in the document.
    ///
    /// Keys: `server` (host, port, max_body), `database` (url), `auth` (public, open_beyond_loopback, default_org, jwt),
    /// `dispatch` (sync_wait, lease, attempt_timeout, drain, max_claimed, max_in_flight), `orgs` (path), `templates` (path), `vault` (master_key), `metrics` (token), `retry` (base, cap, max_attempts, probe),
    /// `providers` (ca_file, proxy, connect_timeout, expo, apns, fcm, smtp), `log` (level, format).
    init(_ top: SettingsSection) {
        readServer(top.section("server"))
        readDatabase(top.section("database"))
        readAuth(top.section("auth"))
        readDispatch(top.section("dispatch"))
        top.section("orgs").read("path", into: &orgsFolder, as: .word)
        top.section("templates").read("path", into: &templatesFolder, as: .word)
        top.section("vault").read("master_key", into: &masterKey, as: .reference)
        top.section("metrics").read("token", into: &metrics.tokenReference, as: .reference)
        let retry = top.section("retry")
        retry.read("base", into: &engine.retry.base, as: .duration(.milliseconds(1) ... .seconds(3_600)))
        retry.read("cap", into: &engine.retry.cap, as: .duration(.milliseconds(1) ... .seconds(86_400)))
        retry.read("max_attempts", into: &engine.retry.maxAttempts, as: .integer(1...1_000))
        retry.read("probe", into: &engine.probe, as: .duration(.milliseconds(100) ... .seconds(3_600)))
        if engine.retry.cap < engine.retry.base { retry.fault("cap", "must not be shorter than retry.base") }
        readProviders(top.section("providers"))
        let log = top.section("log")
        log.read("level", into: &logLevel, as: .choice)
        log.read("format", into: &logFormat, as: .choice)
    }

    /// The environment variables that configured references name; `HERMOD_MASTER_KEY` is one.
    var referencedVariables: Set<String> {
        Set([masterKey, tokens.secretReference, metrics.tokenReference].filter { $0.hasPrefix("env:") }.map { String($0.dropFirst(4)) })
    }

    private mutating func readServer(_ server: SettingsSection) {
        server.read("host", into: &http.host, as: .word)
        server.read("port", into: &http.port, as: .integer(0...65_535))
        server.read("max_body", into: &http.maxBodyBytes, as: .size(1_024...(1 << 30)))
    }

    private mutating func readDatabase(_ database: SettingsSection) {
        guard let url = database.value("url", as: .word) else { return }
        if url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") {
            database.fault("url", "names PostgreSQL, which this version does not speak yet; use sqlite:PATH")
        } else if url.hasPrefix("sqlite:"), url.utf8.count > 7 {
            databasePath = String(url.dropFirst(7))
        } else {
            database.fault("url", "must be sqlite:PATH, not \"\(url)\"")
        }
    }

    private mutating func readAuth(_ auth: SettingsSection) {
        var access = PublicAccess.open
        auth.read("public", into: &access, as: .choice)
        auth.read("open_beyond_loopback", into: &openBeyondLoopback, as: .boolean)
        auth.read("default_org", into: &http.defaultOrg, as: .identifier)
        tokens = TokenSettings(auth.section("jwt"))
        http.isOpen = access == .open
        if http.isOpen, !http.isOnLoopback, !openBeyondLoopback {
            auth.fault(
                "public",
                "is open while server.host is \(http.host): anyone who reaches that address could send; listen on 127.0.0.1, or, where the network "
                    + "itself keeps strangers out, set auth.open_beyond_loopback: true")
        }
    }

    private mutating func readDispatch(_ dispatch: SettingsSection) {
        dispatch.read("sync_wait", into: &http.syncWait, as: .duration(.zero ... .seconds(300)))
        dispatch.read("lease", into: &engine.lease, as: .duration(.seconds(5) ... .seconds(3_600)))
        dispatch.read("attempt_timeout", into: &engine.attemptTimeout, as: .duration(.milliseconds(100) ... .seconds(600)))
        dispatch.read("drain", into: &engine.drain, as: .duration(.zero ... .seconds(600)))
        dispatch.read("max_claimed", into: &engine.maxClaimed, as: .integer(1...1_000_000))
        dispatch.read("max_in_flight", into: &engine.maxInFlight, as: .integer(1...100_000))
    }

    private mutating func readProviders(_ providers: SettingsSection) {
        if let file = providers.value("ca_file", as: .text), !file.isEmpty {
            transport.extraCAFile = file
            mail.extraCAFile = file
        }
        providers.read("proxy", into: &transport.proxy, as: .text)
        providers.read("connect_timeout", into: &transport.connectTimeout, as: .duration(.milliseconds(100) ... .seconds(300)))
        let expo = providers.section("expo")
        expo.read("url", into: &endpoints.expo, as: .origin)
        expo.read("receipt_delay", into: &engine.receiptDelay, as: .duration(.zero ... .seconds(86_400)))
        expo.read("receipt_interval", into: &engine.receiptInterval, as: .duration(.milliseconds(100) ... .seconds(86_400)))
        let apns = providers.section("apns")
        apns.read("production_url", into: &endpoints.apnsProduction, as: .origin)
        apns.read("sandbox_url", into: &endpoints.apnsSandbox, as: .origin)
        providers.section("fcm").read("url", into: &endpoints.fcm, as: .origin)
        let smtp = providers.section("smtp")
        smtp.read("max_threads", into: &mail.maxThreads, as: .integer(1...256))
        smtp.read("connect_timeout", into: &mail.connectTimeout, as: .duration(.milliseconds(100) ... .seconds(600)))
        if let server = smtp.value("dns_server", as: .text), !server.isEmpty {
            nameServer = NameService.Server(server)
            if nameServer == nil { smtp.fault("dns_server", "must be an IPv4 address, with a port where it is not 53: 192.0.2.53 or 127.0.0.1:5353") }
        }
        smtp.read("reply_timeout", into: &mail.replyTimeout, as: .duration(.milliseconds(100) ... .seconds(1_200)))
    }
}

extension SettingKind where Value == String {
    static var reference: SettingKind {
        SettingKind("a reference, env:NAME or file:PATH; the key itself does not belong in this file", mayBeShown: false) { text in
            text.isEmpty || text.hasPrefix("env:") && text != "env:" || text.hasPrefix("file:") && text != "file:" ? text : nil
        }
    }
}
