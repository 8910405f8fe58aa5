import NIOCore
import NIOPosix

/// Which accounts there are, and what they show.
extension ControlAPI {
    func account(run: String, org: String?) -> Account? {
        universe.accounts.existing(run: run, org: org) ?? (org == nil ? universe.accounts.main : nil)
    }

    static let noAccount = problem(404, "There are no credentials for that org. POST /_mock/credentials with {\"org\": …} makes them.")

    /// The answer about the account that the query names, the main one by default.
    func shown(_ call: Call, besides known: Set<String> = [], _ body: (Account) -> Reply) -> Reply {
        if let fault = call.unknownParameter(besides: known.union(["org"])) { return fault }
        guard let account = account(run: call.world.name, org: call.request.query("org")) else { return Self.noAccount }
        return body(account)
    }

    var accounts: Reply {
        Reply(status: 200, json: .object(["accounts": .array(universe.accounts.all.map(overview))]))
    }

    /// Everything but the secrets, of which only Expo's are known by no other name.
    func overview(of account: Account) -> JSON {
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

    func description(of account: Account) -> JSON {
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
    func later(_ call: Call, _ body: @escaping @Sendable () throws -> Reply) -> Answer {
        let made = NIOThreadPool.singleton.runIfActive(eventLoop: call.request.eventLoop, body)
        return .later(made.recover { Self.problem(500, "It could not be done: \($0).") })
    }

    func makeCredentials(_ call: Call) -> Answer {
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
                topic: apns["topic"]?.text, teamID: apns["team_id"]?.text, environment: try Script.choice(apns["environment"], "apns.environment"),
                senders: senders ?? [])
            _ = universe.world(run)
            return later(call) {
                guard let account = try universe.accounts.account(run: run, org: org, wishes: wishes) else {
                    return Self.problem(409, "There are \(Accounts.limit) accounts already; start the mock anew.")
                }
                // It may have been there before, with others.
                if let senders { account.setSenders(senders) }
                return Reply(status: 201, json: description(of: account))
            }
        } catch {
            return .now(Self.problem(400, error.message))
        }
    }

    static func body(of call: Call) throws(Script.Malformed) -> JSON {
        guard !call.request.body.isEmpty else { return .object([]) }
        guard let body = try? JSON(parsing: call.request.body) else { throw Script.Malformed(message: "The body is not JSON.") }
        return body
    }

    static func run(in body: JSON, _ call: Call) throws(Script.Malformed) -> String {
        let run = body["run"]?.text ?? call.world.name
        guard run.isEmpty || Run.isName(run) else { throw Script.Malformed(message: "run must be the name of a run") }
        return run
    }
}
