/// What the providers know of devices and projects, and which runs there are.
extension ControlAPI {
    func setup(_ call: Call) -> Answer? {
        let world = call.world
        if call.isFor("POST reset") {
            universe.reset(world)
            return Self.done
        }
        if call.isFor("GET runs") { return .now(runs) }
        if call.isFor("DELETE runs/*") {
            let isForgotten = universe.forget(call.path[1])
            return isForgotten ? Self.done : .now(Self.problem(404, "There is no run \(call.path[1])."))
        }
        if call.isFor("POST expo/projects") { return .now(assignProjects(call)) }
        if call.isFor("PUT apns/devices/*") { return .now(setDevice(call)) }
        if call.isFor("DELETE apns/devices/*") {
            world.devices.set(call.path[2], nil)
            return Self.done
        }
        if call.isFor("GET ca.pem") { return .now(Self.pem(certificate)) }
        return nil
    }

    static func pem(_ text: String) -> Reply {
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
}
