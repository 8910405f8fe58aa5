/// What shall go wrong, and when.
extension ControlAPI {
    func scripts(_ call: Call) -> Answer? {
        let scripts = call.world.scripts
        if call.isFor("GET script") {
            return .now(Reply(status: 200, json: .object(["scripts": .array(scripts.entries.map(\.json))])))
        }
        if call.isFor("POST script") { return .now(addScripts(call)) }
        if call.isFor("DELETE script") {
            scripts.removeAll()
            return Self.done
        }
        if call.isFor("DELETE script/*") {
            let removed = Int(call.path[1]).map { scripts.remove(id: $0) } ?? false
            return removed ? Self.done : .now(Self.problem(404, "There is no script \(call.path[1])."))
        }
        if call.isFor("GET chaos") {
            return .now(Reply(status: 200, json: scripts.chaos?.json ?? .object(["fates": .array([])])))
        }
        if call.isFor("POST chaos") { return .now(setChaos(call)) }
        if call.isFor("DELETE chaos") {
            scripts.setChaos(nil)
            return Self.done
        }
        if call.isFor("GET clock") { return .now(Self.clock(call.world.clock)) }
        if call.isFor("POST clock") { return .now(setClock(call)) }
        return nil
    }

    private func addScripts(_ call: Call) -> Reply {
        guard let body = try? JSON(parsing: call.request.body) else { return Self.problem(400, "The body is not JSON.") }
        do throws(Script.Malformed) {
            var scripts: [(World, Script)] = []
            for json in body.elements ?? [body] {
                let script = try Script(json: json)
                scripts.append((try world(of: json, call), script))
            }
            let ids = scripts.map { world, script in JSON.int(world.scripts.add(script)) }
            return Reply(status: 201, json: .object(["ids": .array(ids)]))
        } catch {
            return Self.problem(400, error.message)
        }
    }

    /// A script may name its run itself, so that a list of them can be put in force at once.
    private func world(of script: JSON, _ call: Call) throws(Script.Malformed) -> World {
        guard let run = script["match"]?["run"] else { return call.world }
        guard let name = run.text, Run.isName(name) else { throw Script.Malformed(message: "match.run must be the name of a run") }
        return universe.world(name)
    }

    private func setChaos(_ call: Call) -> Reply {
        guard let body = try? JSON(parsing: call.request.body) else { return Self.problem(400, "The body is not JSON.") }
        do throws(Script.Malformed) {
            call.world.scripts.setChaos(try Chaos(json: body))
            return Reply(status: 204)
        } catch {
            return Self.problem(400, error.message)
        }
    }

    /// `{"advance": "15m"}`, `{"set": 1700000000000}`, `{"running": false}`, `{"reset": true}`; several at once are done in this order.
    private func setClock(_ call: Call) -> Reply {
        guard let body = try? JSON(parsing: call.request.body) else { return Self.problem(400, "The body is not JSON.") }
        let clock = call.world.clock
        do throws(Script.Malformed) {
            try Script.only(["advance", "set", "running", "reset"], in: body, at: "the clock")
            var advance: Duration?
            if let text = body["advance"] {
                guard let duration = text.text.flatMap({ Duration(shorthand: $0) }) else {
                    throw Script.Malformed(message: "advance must be a time like 30s, 15m or 24h")
                }
                advance = duration
            }
            if let set = body["set"], set.integer == nil { throw Script.Malformed(message: "set must be a moment in milliseconds since 1970") }
            if body["reset"] == .bool(true) { clock.reset() }
            if let set = body["set"]?.integer { clock.set(to: set) }
            if let advance { clock.advance(by: advance) }
            if case .bool(let runs) = body["running"] { clock.setRunning(runs) }
            return Self.clock(clock)
        } catch {
            return Self.problem(400, error.message)
        }
    }

    private static func clock(_ clock: VirtualClock) -> Reply {
        Reply(status: 200, json: .object(["now": .int(clock.now()), "offset_ms": .int(clock.offset), "running": .bool(clock.isRunning)]))
    }
}

extension ScriptBook.Entry {
    fileprivate var json: JSON {
        .object(["id": .int(id), "met": .int(met), "applied": .int(applied), "spent": .bool(isSpent), "script": script.json])
    }
}
