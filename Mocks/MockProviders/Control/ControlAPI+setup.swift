import Crypto

/// Who is believed, and what the providers know. The mock guards nothing: all of it can be read.
extension ControlAPI {
    func setup(_ call: Call) -> Answer? {
        let world = call.world
        if call.isFor("POST reset") {
            world.reset()
            return Self.done
        }
        if call.isFor("GET runs") { return .now(runs) }
        if call.isFor("DELETE runs/*") {
            let isForgotten = universe.forget(call.path[1])
            return isForgotten ? Self.done : .now(Self.problem(404, "There is no run \(call.path[1])."))
        }
        if call.isFor("POST expo/projects") { return .now(assignProjects(call)) }
        if call.isFor("POST fcm/revoke") {
            universe.accessTokens.revokeAll(run: world.name)
            return Self.done
        }
        if call.isFor("GET fcm/token") { return .now(accessToken(call)) }
        if call.isFor("GET apns/token") { return .now(providerToken(call)) }
        if call.isFor("PUT apns/devices/*") { return .now(setDevice(call)) }
        if call.isFor("DELETE apns/devices/*") {
            world.devices.set(call.path[2], nil)
            return Self.done
        }
        if call.isFor("GET apns/client.pem") { return .now(Self.pem(clientIdentity.pem)) }
        if call.isFor("GET apns/client.p12") {
            return .now(Reply(status: 200, headers: [("content-type", "application/x-pkcs12")], body: clientIdentity.p12))
        }
        if call.isFor("GET ca.pem") { return .now(Self.pem(certificate)) }
        if call.isFor("GET credentials") { return .now(credentials(call)) }
        if call.isFor("POST credentials") { return .now(makeCredentials(call)) }
        return nil
    }

    private static func pem(_ text: String) -> Reply {
        Reply(status: 200, headers: [("content-type", "application/x-pem-file")], body: Array(text.utf8))
    }

    private var runs: Reply {
        let list = universe.runs.map { world in
            JSON.object(["run": .string(world.name), "messages": .int(world.log.count(MessageFilter(accepted: nil)))])
        }
        return Reply(status: 200, json: .object(["runs": .array(list)]))
    }

    private func assignProjects(_ call: Call) -> Reply {
        guard let projects = (try? JSON(parsing: call.request.body))?.members else {
            return Self.problem(400, "Send an object of lists: {\"@owner/slug\": [\"ExponentPushToken[…]\"]}.")
        }
        for project in projects { call.world.expo.assign(project.value.elements?.compactMap(\.text) ?? [], to: project.key) }
        return Reply(status: 204)
    }

    private func setDevice(_ call: Call) -> Reply {
        guard let body = try? JSON(parsing: call.request.body) else { return Self.problem(400, "The body is not JSON.") }
        do throws(Script.Malformed) {
            try Script.only(["environment", "topics", "unregistered_at", "expired", "per_minute"], in: body, at: "the device")
            var device = APNsDevices.Device()
            device.environment = try Script.choice(body["environment"], "environment")
            device.topics = Set(body["topics"]?.elements?.compactMap(\.text) ?? [])
            device.unregisteredAt = body["unregistered_at"]?.integer
            device.isExpired = body["expired"] == .bool(true)
            if device.isExpired, device.unregisteredAt == nil { device.unregisteredAt = call.world.clock.now() }
            device.perMinute = try Script.count(body["per_minute"], "per_minute")
            call.world.devices.set(call.path[2], device)
            return Reply(status: 204)
        } catch {
            return Self.problem(400, error.message)
        }
    }

    // MARK: Accounts

    private func account(_ call: Call) -> Account? {
        universe.accounts.existing(run: call.world.name, org: call.request.query("org"))
            ?? (call.request.query("org") == nil ? universe.accounts.main : nil)
    }

    private static let noAccount = problem(404, "There are no credentials for that org. POST /_mock/credentials with {\"org\": …} makes them.")

    private func credentials(_ call: Call) -> Reply {
        if let fault = call.unknownParameter(besides: ["org"]) { return fault }
        guard let account = account(call) else { return Self.noAccount }
        return Reply(status: 200, json: description(of: account))
    }

    private func makeCredentials(_ call: Call) -> Reply {
        let body = call.request.body.isEmpty ? .object([]) : try? JSON(parsing: call.request.body)
        guard let body else { return Self.problem(400, "The body is not JSON.") }
        do throws(Script.Malformed) {
            try Script.only(["org", "run", "apns"], in: body, at: "the credentials")
            let apns = body["apns"] ?? .object([])
            try Script.only(["topic", "team_id", "environment"], in: apns, at: "apns")
            let run = body["run"]?.text ?? call.world.name
            guard run.isEmpty || Run.isName(run) else { throw Script.Malformed(message: "run must be the name of a run") }
            let wishes = Accounts.Wishes(
                topic: apns["topic"]?.text, teamID: apns["team_id"]?.text, environment: try Script.choice(apns["environment"], "apns.environment"))
            guard let account = universe.accounts.account(run: run, org: body["org"]?.text, wishes: wishes) else {
                return Self.problem(409, "There are \(Accounts.limit) accounts already; start the mock anew.")
            }
            _ = universe.world(run)
            return Reply(status: 201, json: description(of: account))
        } catch {
            return Self.problem(400, error.message)
        }
    }

    private func description(of account: Account) -> JSON {
        let fcm = try? JSON(parsing: Array(account.fcm.description(tokenURI: universe.tokenURI).utf8))
        return .object([
            "run": account.run.isEmpty ? nil : .string(account.run), "org": account.org.map(JSON.string),
            "apns": .object([
                "team_id": .string(account.apns.teamID), "key_id": .string(account.apns.keyID), "topic": .string(account.apns.topic),
                "environment": account.apns.environment.map { .string($0.rawValue) },
                "private_key": .string(account.apns.privateKey.pemRepresentation),
            ]),
            "fcm": fcm,
            "smtp": .object(["username": .string(account.smtp.username), "password": .string(account.smtp.password)]),
            "expo": .object(["access_token": account.expoAccessToken.map(JSON.string)]),
        ])
    }

    // MARK: Tokens for those who try things out by hand

    private func providerToken(_ call: Call) -> Reply {
        guard let account = account(call) else { return Self.noAccount }
        let token = try? account.apns.providerToken(issuedAt: call.world.clock.now() / 1000)
        return token.map { Reply(status: 200, headers: [("content-type", "text/plain")], body: Array($0.utf8)) }
            ?? Self.problem(500, "The key can't sign.")
    }

    private func accessToken(_ call: Call) -> Reply {
        guard let account = account(call) else { return Self.noAccount }
        let token = universe.accessTokens.issue(project: account.fcm.project, run: call.world.name, nowSeconds: call.world.clock.now() / 1000)
        return Reply(status: 200, headers: [("content-type", "text/plain")], body: Array(token.utf8))
    }
}
