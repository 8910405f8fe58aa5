/// Who is believed: accounts, what they show to the providers, and tokens for use by hand. The mock guards nothing: all of it can be read.
extension ControlAPI {
    func credentials(_ call: Call) -> Answer? {
        if call.isFor("GET accounts") { return .now(accounts) }
        if call.isFor("GET credentials") { return .now(shown(call) { Reply(status: 200, json: description(of: $0)) }) }
        if call.isFor("POST credentials") { return makeCredentials(call) }
        if call.isFor("POST credentials/revoke") { return .now(mark(call, isRevoked: true)) }
        if call.isFor("POST credentials/restore") { return .now(mark(call, isRevoked: false)) }
        if call.isFor("POST credentials/rotate") { return rotate(call) }
        if call.isFor("PUT smtp/senders") { return .now(setSenders(call)) }
        if call.isFor("POST fcm/revoke") { return .now(revokeAccessTokens(call)) }
        if call.isFor("GET fcm/topics") { return .now(shown(call) { topics(of: $0, call) }) }
        if call.isFor("GET fcm/token") { return .now(shown(call) { accessToken($0, call) }) }
        if call.isFor("GET apns/token") { return .now(shown(call) { providerToken($0, call) }) }
        if call.isFor("GET apns/client.pem") { return .now(clientIdentity(call) { Self.pem($0.pem) }) }
        if call.isFor("GET apns/client.p12") {
            return .now(clientIdentity(call) { Reply(status: 200, headers: [("content-type", "application/x-pkcs12")], body: $0.p12) })
        }
        return nil
    }

    // MARK: Revoked, restored, renewed

    /// `{"provider": "apns", "org": "shop", "id": "…"}`
    private struct Meant {
        var account: Account
        var provider: ProviderName
        var id: String?
        var endsAccessTokens: Bool
    }

    /// Nil when there is no such account.
    private func meant(_ call: Call) throws(Script.Malformed) -> Meant? {
        let body = try Self.body(of: call)
        try Script.only(["provider", "org", "run", "id", "access_tokens"], in: body, at: "the credential")
        guard let provider: ProviderName = try Script.choice(body["provider"], "provider") else {
            throw Script.Malformed(message: "provider must be one of \(ProviderName.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard let account = account(run: try Self.run(in: body, call), org: body["org"]?.text) else { return nil }
        return Meant(account: account, provider: provider, id: body["id"]?.text, endsAccessTokens: body["access_tokens"] == .bool(true))
    }

    private func mark(_ call: Call, isRevoked: Bool) -> Reply {
        do throws(Script.Malformed) {
            guard let meant = try meant(call) else { return Self.noAccount }
            let isKnown =
                isRevoked
                ? universe.revoke(meant.provider, of: meant.account, id: meant.id, endsAccessTokens: meant.endsAccessTokens)
                : universe.restore(meant.provider, of: meant.account, id: meant.id)
            guard isKnown else {
                return Self.problem(
                    404, "The account has no such credential for \(meant.provider.rawValue); GET /_mock/accounts lists what there is.")
            }
            return Reply(status: 200, json: overview(of: meant.account))
        } catch {
            return Self.problem(400, error.message)
        }
    }

    private func rotate(_ call: Call) -> Answer {
        do throws(Script.Malformed) {
            guard let meant = try meant(call) else { return .now(Self.noAccount) }
            let account = meant.account
            let provider = meant.provider
            return later(call) {
                try universe.rotate(provider, of: account)
                return Reply(status: 200, json: description(of: account))
            }
        } catch {
            return .now(Self.problem(400, error.message))
        }
    }

    private func revokeAccessTokens(_ call: Call) -> Reply {
        shown(call) { account in
            universe.accessTokens.revokeAll(run: call.world.name, project: call.request.query("org") == nil ? nil : account.project)
            return Reply(status: 204)
        }
    }

    private func topics(of account: Account, _ call: Call) -> Reply {
        let topics = call.world.fcm.subscribers(project: account.project).sorted { $0.key < $1.key }
        return Reply(status: 200, json: .object(topics.map { JSON.Member($0.key, .array($0.value.map(JSON.string))) }))
    }

    private func setSenders(_ call: Call) -> Reply {
        shown(call) { account in
            do throws(Script.Malformed) {
                account.setSenders(try Self.senders(try Self.body(of: call)))
                return Reply(status: 204)
            } catch {
                return Self.problem(400, error.message)
            }
        }
    }

    static func senders(_ list: JSON) throws(Script.Malformed) -> [String] {
        let senders = list.elements?.compactMap(\.text) ?? []
        guard let elements = list.elements, senders.count == elements.count, senders.allSatisfy({ $0.contains("@") }) else {
            throw Script.Malformed(message: "send a list of senders: [\"shop@example.org\", \"*@example.com\"], or [] for any")
        }
        return senders
    }

    // MARK: For use by hand

    private func providerToken(_ account: Account, _ call: Call) -> Reply {
        let token = try? account.credentials.apns.providerToken(issuedAt: call.world.clock.now() / 1000)
        return token.map { Reply(status: 200, headers: [("content-type", "text/plain")], body: Array($0.utf8)) }
            ?? Self.problem(500, "The key can't sign.")
    }

    private func accessToken(_ account: Account, _ call: Call) -> Reply {
        let token = universe.accessTokens.issue(project: account.project, run: call.world.name, nowSeconds: call.world.clock.now() / 1000)
        return Reply(status: 200, headers: [("content-type", "text/plain")], body: Array(token.utf8))
    }

    /// `?org=shop&expires_in=30d&environment=sandbox&password=…`; less than nothing (`-1d`) for a certificate that has expired.
    private func clientIdentity(_ call: Call, _ body: (ClientIdentity) -> Reply) -> Reply {
        shown(call, besides: ["expires_in", "environment", "password"]) { account in
            do throws(Script.Malformed) {
                let request = call.request
                var lifetime: Duration?
                if let text = request.query("expires_in") {
                    guard let duration = Duration(shorthand: text.drop { $0 == "-" }), duration <= .seconds(10 * 365 * 86_400) else {
                        throw Script.Malformed(message: "expires_in must be a time like 30d, or -1d for a certificate that has expired a day ago")
                    }
                    lifetime = text.hasPrefix("-") ? .zero - duration : duration
                }
                let environment: APNsEnvironment? = try Script.choice(request.query("environment").map(JSON.string), "environment")
                let made = try? universe.clientIdentity(
                    of: account, lifetime: lifetime, environment: environment, password: request.query("password") ?? ClientIdentity.password)
                return made.map(body) ?? Self.problem(500, "The certificate can't be made.")
            } catch {
                return Self.problem(400, error.message)
            }
        }
    }
}
