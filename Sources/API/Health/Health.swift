import DeliveryEngine
import Domain
import HTTPTypes
import Hummingbird
import Logging
import Storage

/// What load balancers ask: does the process live, and can it be given work?
struct Health: Sendable {
    let engine: DeliveryEngine
    let database: any SQLDatabase
    /// What is wrong with configuration files. Told, but no reason to take the gateway out of service: the other orgs' files are good.
    let configurationFaults: @Sendable () -> [String]
    /// What is wrong with the keys that tokens are checked with; nil where no tokens are checked. Told only: API keys go on working.
    let tokenFaults: (@Sendable () -> [String])?
    /// Told only: the other credentials' deliveries go on.
    let alarms: Alarms
    let time: any TimeSource
    let logger: Logger

    /// Alarms that are told one by one.
    private static let alarmLimit = 50

    func add(to routes: Routes) {
        routes.onUnguarded(.get, "/healthz") { _, _ in Answer(["status": "ok"]) }
        routes.onUnguarded(.get, "/readyz") { _, _ in await ready() }
    }

    private func ready() async -> Answer {
        let isServing = engine.isReady
        let isStored = await isStorageAnswering()
        var checks: JSONObject = [
            "engine": isServing ? "ok" : "not serving lanes",
            "storage": isStored ? "ok" : "does not answer",
            "organisations": Self.told(configurationFaults()),
        ]
        checks["credentials"] = Self.told(credentialFaults())
        if let tokenFaults { checks["tokens"] = Self.told(tokenFaults()) }
        let isReady = isServing && isStored
        var answer = Answer(isReady ? .ok : .serviceUnavailable, ["status": isReady ? "ready" : "not ready", "checks": .object(checks)])
        if !isReady { answer.headers[.retryAfter] = "1" }
        return answer
    }

    private func credentialFaults() -> [String] {
        let all = alarms.all(now: time.now)
        let told = all.prefix(Self.alarmLimit).map { "\($0.lane): \($0.kind.rawValue): \($0.message)" }
        return all.count > told.count ? told + ["and \(all.count - told.count) more"] : told
    }

    private static func told(_ faults: [String]) -> JSON { faults.isEmpty ? "ok" : .array(faults.map(JSON.string)) }

    private func isStorageAnswering() async -> Bool {
        do {
            return try await database.read { connection in
                var rows = 0
                try connection.query("SELECT 1", []) { _ in rows += 1 }
                return rows == 1
            }
        } catch {
            logger.error("storage does not answer", metadata: ["error": .string(String(describing: error))])
            return false
        }
    }
}
