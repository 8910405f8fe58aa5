import Crypto
import NIOCore

/// `/_mock/…`: what has been received, and what shall go wrong.
struct ControlAPI: Sendable {
    let world: World
    let certificate: String

    func answer(_ request: Request) -> Answer {
        let parts = request.path.split(separator: "/").dropFirst().map(String.init)
        switch (request.method, parts.first ?? "", parts.count) {
        case ("GET", "messages", 1): return messages(request)
        case ("DELETE", "messages", 1):
            world.log.removeAll()
            return .now(Reply(status: 204))
        case ("POST", "reset", 1):
            world.reset()
            return .now(Reply(status: 204))
        case ("GET", "duplicates", 1): return .now(duplicates)
        case ("GET", "stats", 1): return .now(Reply(status: 200, json: world.log.statistics.json))
        case ("GET", "script", 1): return .now(Reply(status: 200, json: .object(["scripts": .array(world.scripts.entries.map(\.json))])))
        case ("POST", "script", 1): return .now(addScripts(request))
        case ("DELETE", "script", 1):
            world.scripts.removeAll()
            return .now(Reply(status: 204))
        case ("DELETE", "script", 2):
            let removed = Int(parts[1]).map { world.scripts.remove(id: $0) } ?? false
            return .now(removed ? Reply(status: 204) : Self.problem(404, "There is no script \(parts[1])."))
        case ("POST", "expo", 2) where parts[1] == "projects": return .now(assignProjects(request))
        case ("POST", "fcm", 2) where parts[1] == "revoke":
            world.accessTokens.revokeAll()
            return .now(Reply(status: 204))
        case ("GET", "ca.pem", 1):
            return .now(Reply(status: 200, headers: [("content-type", "application/x-pem-file")], body: Array(certificate.utf8)))
        case ("GET", "credentials", 1): return .now(credentials)
        default:
            return .now(Self.problem(404, "There is no \(request.method) \(request.path). See Mocks/README.md for the control API."))
        }
    }

    static func problem(_ status: Int, _ detail: String) -> Reply {
        Reply(status: status, json: .object(["error": .string(detail)]))
    }

    // MARK: Messages

    private func messages(_ request: Request) -> Answer {
        let known: Set<String> = ["provider", "to", "id", "accepted", "after", "limit", "min", "wait"]
        if let unknown = request.query.first(where: { !known.contains($0.name) }) {
            return .now(Self.problem(400, "There is no parameter \(unknown.name); known are \(known.sorted().joined(separator: ", "))."))
        }
        var filter = MessageFilter(accepted: nil)
        if let name = request.query("provider") {
            guard let provider = ProviderName(rawValue: name) else { return .now(Self.problem(400, "provider must be expo, apns, fcm or smtp.")) }
            filter.provider = provider
        }
        filter.target = request.query("to")
        filter.id = request.query("id")
        filter.accepted = request.query("accepted").map { $0 == "true" }
        filter.after = request.query("after").flatMap { Int($0) }
        let limit = request.query("limit").flatMap { Int($0) } ?? 1000
        guard let text = request.query("wait") else { return .now(list(filter, limit: limit)) }
        guard let wait = Duration(shorthand: text), wait <= .seconds(300) else {
            return .now(Self.problem(400, "wait must be a time like 500ms or 5s, at most 5m."))
        }
        let minimum = request.query("min").flatMap { Int($0) } ?? 1
        return .later(waited(filter, minimum: minimum, wait: wait, limit: limit, on: request.eventLoop))
    }

    /// Answers with what is there when the time is up: too few messages are for the caller to judge.
    private func waited(_ filter: MessageFilter, minimum: Int, wait: Duration, limit: Int, on loop: any EventLoop) -> EventLoopFuture<Reply> {
        let promise = loop.makePromise(of: Void.self)
        let waiter = world.log.wait(filter, minimum: minimum) { _ in promise.succeed() }
        if let waiter {
            let log = world.log
            let timer = loop.scheduleTask(in: TimeAmount(wait)) { log.cancel(waiter) }
            promise.futureResult.whenComplete { _ in timer.cancel() }
        }
        return promise.futureResult.map { list(filter, limit: limit) }
    }

    private func list(_ filter: MessageFilter, limit: Int) -> Reply {
        let messages = world.log.messages(filter, limit: limit)
        return Reply(
            status: 200, json: .object(["count": .int(world.log.count(filter)), "messages": .array(messages.map(\.json))]))
    }

    private var duplicates: Reply {
        let duplicates = world.log.duplicates
        let list = duplicates.map { duplicate in
            JSON.object([
                "provider": .string(duplicate.provider.rawValue), "to": .string(duplicate.target), "identity": .string(duplicate.identity),
                "count": .int(duplicate.count),
            ])
        }
        return Reply(
            status: 200,
            json: .object(["extra": .int(duplicates.reduce(0) { $0 + $1.count - 1 }), "duplicates": .array(list)]))
    }

    // MARK: Set-up

    private func addScripts(_ request: Request) -> Reply {
        guard let body = try? JSON(parsing: request.body) else { return Self.problem(400, "The body is not JSON.") }
        do throws(Script.Malformed) {
            var scripts: [Script] = []
            for script in body.elements ?? [body] { scripts.append(try Script(json: script)) }
            let ids = scripts.map { JSON.int(world.scripts.add($0)) }
            return Reply(status: 201, json: .object(["ids": .array(ids)]))
        } catch {
            return Self.problem(400, error.message)
        }
    }

    private func assignProjects(_ request: Request) -> Reply {
        guard let projects = (try? JSON(parsing: request.body))?.members else {
            return Self.problem(400, "Send an object of lists: {\"@owner/slug\": [\"ExponentPushToken[…]\"]}.")
        }
        for project in projects { world.expo.assign(project.value.elements?.compactMap(\.text) ?? [], to: project.key) }
        return Reply(status: 204)
    }

    /// For clients that can't read the keys directory. The mock guards nothing.
    private var credentials: Reply {
        let apns = world.credentials.apns
        let fcm = try? JSON(parsing: Array(world.credentials.fcm.description(tokenURI: world.tokenURI).utf8))
        return Reply(
            status: 200,
            json: .object([
                "apns": .object([
                    "team_id": .string(apns.teamID), "key_id": .string(apns.keyID), "topic": .string(apns.topic),
                    "private_key": .string(apns.privateKey.pemRepresentation),
                ]),
                "fcm": fcm,
                "smtp": .object(["username": .string(world.credentials.smtp.username), "password": .string(world.credentials.smtp.password)]),
                "expo": .object(["access_token": world.configuration.expoAccessToken.map(JSON.string)]),
            ]))
    }
}

extension ScriptBook.Entry {
    fileprivate var json: JSON {
        .object(["id": .int(id), "met": .int(met), "applied": .int(applied), "spent": .bool(isSpent), "script": script.json])
    }
}

extension Statistics {
    fileprivate var json: JSON {
        .object([
            "requests": .int(requests), "connections": .int(connections), "grants": .int(grants), "receipt_requests": .int(receiptRequests),
            "providers": .object(
                ProviderName.allCases.map { name in
                    let counts = providers[name] ?? Counts()
                    let refusals = (reasons[name] ?? [:]).sorted { $0.key < $1.key }.map { JSON.Member($0.key, .int($0.value)) }
                    return JSON.Member(
                        name.rawValue,
                        .object(["accepted": .int(counts.accepted), "rejected": .int(counts.rejected), "reasons": .object(refusals)]))
                }),
        ])
    }
}
