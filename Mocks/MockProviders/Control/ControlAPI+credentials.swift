import NIOCore
import NIOPosix

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
        if call.isFor("GET fcm/token") { return .now(shown(call) { accessToken($0, call) }) }
        if call.isFor("GET apns/token") { return .now(shown(call) { providerToken($0, call) }) }
        if call.isFor("GET apns/client.pem") { return .now(clientIdentity(call) { Self.pem($0.pem) }) }
        if call.isFor("GET apns/client.p12") {
            return .now(clientIdentity(call) { Reply(status: 200, headers: [("content-type", "application/x-pkcs12")], body: $0.p12) })
        }
        return nil
    }

    // MARK: Accounts

    private func account(run: String, org: String?) -> Account? {
        universe.accounts.existing(run: run, org: org) ?? (org == nil ? universe.accounts.main : nil)
    }

    private static let noAccount = problem(404, "There are no credentials for that org. POST /_mock/credentials with {\"org\": …} makes them.")

    /// The answer about the account that the query names, the main one by default.
    private func shown(_ call: Call, besides known: Set<String> = [], _ body: (Account) -> Reply) -> Reply {
        if let fault = call.unknownParameter(besides: known.union(["org"])) { return fault }
        guard let account = account(run: call.world.name, org: call.request.query("org")) else { return Self.noAccount }
        return body(account)
    }

    private var accounts: Reply {
        Reply(status: 200, json: .object(["accounts": .array(universe.accounts.all.map(overview))]))
    }

    /// Everything but the secrets, of which only Expo's are known by no other name.
    private func overview(of account: Account) -> JSON {
        .object([
            "run": account.run.isEmpty ? nil : .string(account.run), "org": account.org.map(JSON.string), "team_id": .string(account.teamID),
            "topic": .string(account.topic), "project_id": .string(account.project), "expo_project": account.expoProject.map(JSON.string),
            "senders": .array(account.senders.map(JSON.string)),
            "credentials": .array(
                account.entries.map { entry in
                    .object(["provider": .string(entry.provider.rawValue), "id": .string(entry.id), "revoked": .bool(entry.isRevoked)])
                }),
        ])
    }

    private func description(of account: Account) -> JSON {
        let own = account.credentials
        return .object([
            "run": account.run.isEmpty ? nil : .string(account.run), "org": account.org.map(JSON.string),
            "apns": .object([
                "team_id": .string(own.apns.teamID), "key_id": .string(own.apns.keyID), "topic": .string(own.apns.topic),
                "environment": own.apns.environment.map { .string($0.rawValue) },
                "private_key": .string(own.apns.pem),
            ]),
            "fcm": try? JSON(parsing: Array(own.fcm.description(tokenURI: universe.tokenURI).utf8)),
            "smtp": .object(["username": .string(own.smtp.username), "password": .string(own.smtp.password)]),
            "expo": .object(["access_token": own.expoAccessToken.map(JSON.string), "project": account.expoProject.map(JSON.string)]),
        ])
    }

    /// An RSA key takes the better part of a second to make, during which the connections of this event loop would stand still.
    private func later(_ call: Call, _ body: @escaping @Sendable () throws -> Reply) -> Answer {
        let made = NIOThreadPool.singleton.runIfActive(eventLoop: call.request.eventLoop, body)
        return .later(made.recover { Self.problem(500, "It could not be done: \($0).") })
    }

    private func makeCredentials(_ call: Call) -> Answer {
        do throws(Script.Malformed) {
            let body = try Self.body(of: call)
            try Script.only(["org", "run", "apns", "smtp"], in: body, at: "the credentials")
            let apns = body["apns"] ?? .object([])
            try Script.only(["topic", "team_id", "environment"], in: apns, at: "apns")
            try Script.only(["senders"], in: body["smtp"] ?? .object([]), at: "smtp")
            let run = try Self.run(in: body, call)
            let org = body["org"]?.text
            let senders = try body["smtp"]?["senders"].map { list throws(Script.Malformed) in try Self.senders(list) }
            let wishes = Accounts.Wishes(
                topic: apns["topic"]?.text, teamID: apns["team_id"]?.text, environment: try Script.choice(apns["environment"], "apns.environment"))
            _ = universe.world(run)
            return later(call) {
                guard let account = try universe.accounts.account(run: run, org: org, wishes: wishes) else {
                    return Self.problem(409, "There are \(Accounts.limit) accounts already; start the mock anew.")
                }
                if let senders { account.setSenders(senders) }
                return Reply(status: 201, json: description(of: account))
            }
        } catch {
            return .now(Self.problem(400, error.message))
        }
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

    private static func senders(_ list: JSON) throws(Script.Malformed) -> [String] {
        let senders = list.elements?.compactMap(\.text) ?? []
        guard let elements = list.elements, senders.count == elements.count, senders.allSatisfy({ $0.contains("@") }) else {
            throw Script.Malformed(message: "send a list of senders: [\"shop@example.org\", \"*@example.com\"], or [] for any")
        }
        return senders
    }

    private static func body(of call: Call) throws(Script.Malformed) -> JSON {
        guard !call.request.body.isEmpty else { return .object([]) }
        guard let body = try? JSON(parsing: call.request.body) else { throw Script.Malformed(message: "The body is not JSON.") }
        return body
    }

    private static func run(in body: JSON, _ call: Call) throws(Script.Malformed) -> String {
        let run = body["run"]?.text ?? call.world.name
        guard run.isEmpty || Run.isName(run) else { throw Script.Malformed(message: "run must be the name of a run") }
        return run
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
