import DeliveryEngine
import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing
import Vault

@testable import API

@Suite struct MetricsTests {
    private static func scrape(_ world: World, headers: HTTPFields = [:]) async throws -> Exposition {
        let response = try await world.client.executeRequest(uri: "/metrics", method: .get, headers: headers, body: nil)
        try #require(response.status == .ok)
        #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        return try Exposition(String(buffer: response.body))
    }

    private static func refusal(_ world: World, headers: HTTPFields = [:]) async throws -> Int {
        try await world.call(.get, "/metrics", headers: headers).status
    }

    // MARK: What is told

    @Test func `what was sent is counted by provider, outcome and final state, and how long it took`() async throws {
        try await withWorld { world in
            try await world.register("token-that-nobody-may-see", of: "ada")
            for _ in 0..<3 {
                let sent = try await world.call(.post, "/api/v1/push-notifications", ["user_id": "ada", "title": "t", "body": "b"])
                #expect(sent.status == 201)
            }
            let metrics = try await Self.scrape(world)
            #expect(metrics.faults == [])
            #expect(metrics["hermod_attempts_total", ["provider": "fcm", "outcome": "accepted"]] == 3)
            #expect(metrics["hermod_attempts_total", ["provider": "fcm", "outcome": "deferred"]] == 0)
            #expect(metrics["hermod_deliveries_settled_total", ["provider": "fcm", "state": "delivered"]] == 3)
            #expect(metrics["hermod_deliveries_open", ["provider": "fcm"]] == 0)
            #expect(metrics["hermod_delivery_latency_seconds_count", ["provider": "fcm"]] == 3)
            #expect(metrics["hermod_delivery_latency_seconds_bucket", ["provider": "fcm", "le": "+Inf"]] == 3)
            #expect(
                metrics["hermod_http_requests_total", ["method": "POST", "route": "/api/v1/push-notifications", "status": "201"]] == 3)
            #expect(metrics["hermod_http_request_seconds_count", ["method": "POST", "route": "/api/v1/push-notifications"]] == 3)
            #expect(metrics["hermod_ready", [:]] == 1)
            #expect((metrics["process_resident_memory_bytes", [:]] ?? 0) > 1_000_000)
            #expect((metrics["process_open_fds", [:]] ?? 0) > 3)
            #expect((metrics["process_start_time_seconds", [:]] ?? 0) > 1_700_000_000)
            #expect(metrics["process_cpu_seconds_total", [:]] != nil)
            #expect(!metrics.text.contains("nobody-may-see"))
        }
    }

    @Test func `a refused credential shows as a paused lane and as an alarm, here and in readyz, and stays ready`() async throws {
        try await withWorld { world in
            try await world.register("t", of: "ada")
            world.provider.answer("t", .credentialRefused, rule: "test.403", status: 403, reason: "InvalidProviderToken")
            _ = try await world.call(
                .post, "/api/v1/push-notifications", ["user_id": "ada", "title": "t", "body": "b"], headers: [.prefer: "respond-async"])
            try await until("the lane is paused") { world.engine.lanes.contains { $0.alarm != nil } }
            let lane = try #require(world.engine.lanes.first { $0.alarm != nil }?.lane)
            let labels = ["org": lane.orgID, "provider": "fcm", "credential": lane.credential]
            let metrics = try await Self.scrape(world)
            #expect(metrics.faults == [])
            #expect(metrics["hermod_lanes", ["condition": "credential_refused"]] == 1)
            #expect(
                metrics["hermod_lane_paused", labels.merging(["condition": "credential_refused", "reason": "InvalidProviderToken"]) { $1 }] == 1)
            #expect(metrics["hermod_credential_alarms", ["kind": "refused"]] == 1)
            #expect(metrics["hermod_credential_alarm", labels.merging(["kind": "refused"]) { $1 }] == 1)
            #expect(metrics["hermod_deliveries_open", ["provider": "fcm"]] == 1)
            let ready = try await world.call(.get, "/readyz")
            #expect(ready.status == 200)
            let told = ready.json["checks"]?["credentials"]?[0]?.string
            #expect(told?.hasPrefix("\(lane): refused: the provider refuses it (InvalidProviderToken)") == true)
        }
    }

    @Test func `lanes that share a quota share its series, which says how far the provider has slowed it down`() async throws {
        try await withWorld { world in
            try await world.register("t", of: "ada")
            world.provider.answer(
                "t", .deferred(Wait(retryAfter: .seconds(600), scope: .lane)), rule: "test.429", status: 429, reason: "QUOTA_EXCEEDED")
            _ = try await world.call(
                .post, "/api/v1/push-notifications", ["user_id": "ada", "title": "t", "body": "b"], headers: [.prefer: "respond-async"])
            try await until("the quota is paused") { world.engine.quotas.contains { $0.reason != nil } }
            let metrics = try await Self.scrape(world)
            #expect(metrics.faults == [])
            let quota = ["quota": "fcm/shared"]
            #expect(metrics["hermod_quota_rate", quota] == 5_000 && metrics["hermod_quota_ceiling", quota] == 10_000)
            #expect(metrics["hermod_quota_lanes", quota] == 1 && metrics["hermod_quota_throttles_total", quota] == 1)
            #expect((metrics["hermod_quota_pause_seconds", quota] ?? 0) > 500)
            #expect(metrics["hermod_quota_throttled_seconds_total", quota] == 600)
            #expect(metrics["hermod_lanes", ["condition": "throttled"]] == 1)
            #expect(metrics.samples.filter { $0.name == "hermod_quota_rate" }.count == 1)
        }
    }

    @Test func `a lane whose tokens die all at once shows that none dies any more`() async throws {
        try await withWorld { world in
            for number in 0..<24 {
                let token = "dead-\(number)"
                try await world.register(token, of: "ada")
                world.provider.answer(
                    token, .recipientGone(asOf: nil), rule: "test.403", status: 403, reason: "SENDER_ID_MISMATCH", suspectsCredential: true)
            }
            _ = try await world.call(
                .post, "/api/v1/push-notifications", ["user_id": "ada", "title": "t", "body": "b"], headers: [.prefer: "respond-async"])
            try await until("the tokens are given back") { world.engine.lanes.contains { $0.guardRail?.revived == 19 } }
            let lane = try #require(world.engine.lanes.first { $0.guardRail != nil }?.lane)
            let metrics = try await Self.scrape(world)
            #expect(metrics.faults == [])
            #expect(
                metrics[
                    "hermod_lane_guard_rail",
                    ["org": lane.orgID, "provider": "fcm", "credential": lane.credential, "reason": "SENDER_ID_MISMATCH"]] == 1)
            #expect(metrics["hermod_credential_alarms", ["kind": "refused"]] == 1)
            let told = try await world.call(.get, "/readyz").json["checks"]?["credentials"]?[0]?.string
            #expect(told?.contains("no token is killed; 19 that had been are active again") == true)
        }
    }

    @Test func `credentials are told with their ends and alarms, the soonest first, without more series than there is room for`() async throws {
        let now = SystemTime().now
        func lane(_ number: Int) -> LaneKey { LaneKey(orgID: "org-\(number)", provider: .apns, credential: "main") }
        let entries = (0..<1_500).map { number in
            CredentialEntry(
                lane: lane(number), source: .sealed,
                facts: CredentialFacts(notAfter: Timestamp(seconds: now.seconds + Int64(1_500 - number)), fingerprint: "00"),
                fault: number < 7 ? "no key" : nil)
        }
        let alarms = [
            CredentialAlarm(lane: lane(3), kind: .expiring, message: "ends tomorrow"),
            CredentialAlarm(
                lane: LaneKey(orgID: #"o"r\g"# + "\n", provider: .smtp, credential: "m"), kind: .fallback, message: "the new one is refused"),
        ]
        try await withWorld(standing: CredentialStanding(alarms: { _ in alarms }, entries: { entries })) { world in
            let metrics = try await Self.scrape(world)
            #expect(metrics.faults == [])
            let ends = metrics.samples.filter { $0.name == "hermod_credential_expiry_timestamp_seconds" }
            #expect(ends.count == 1_000 && ends.first?.labels["org"] == "org-1499" && ends.first?.value == Double(now.seconds + 1))
            #expect(metrics["hermod_sealed_credentials_unopened", [:]] == 7)
            #expect(metrics["hermod_credential_alarms", ["kind": "fallback"]] == 1)
            #expect(metrics["hermod_credential_alarms", ["kind": "expired"]] == 0)
            #expect(
                metrics["hermod_credential_alarm", ["org": #"o"r\g"# + "\n", "provider": "smtp", "credential": "m", "kind": "fallback"]] == 1)
            let ready = try await world.call(.get, "/readyz")
            #expect(ready.status == 200 && ready.json["checks"]?["credentials"]?.array?.count == 2)
        }
    }

    @Test func `whatever is asked for, and however, makes no more series than there are routes`() async throws {
        try await withWorld { world in
            for number in 0..<50 { _ = try await world.client.executeRequest(uri: "/nowhere/\(number)", method: .get, headers: [:], body: nil) }
            for number in 0..<50 {
                _ = try await world.client.executeRequest(uri: "/healthz", method: .init("INVENTED\(number)")!, headers: [:], body: nil)
            }
            _ = try await world.call(.get, "/api/v1/deliveries/dlv_nothing")
            let metrics = try await Self.scrape(world)
            #expect(metrics["hermod_http_requests_total", ["method": "GET", "route": "other", "status": "404"]] == 50)
            #expect(metrics["hermod_http_requests_total", ["method": "other", "route": "other", "status": "405"]] == 50)
            #expect(metrics["hermod_http_requests_total", ["method": "GET", "route": "/api/v1/deliveries/:id", "status": "404"]] == 1)
        }
    }

    @Test func `a database that does not answer costs a scrape its own numbers only`() async throws {
        try await withWorld(isServing: false) { world in
            await world.database.close()
            let metrics = try await Self.scrape(world)
            #expect(metrics.faults == [] && metrics["hermod_ready", [:]] == 0)
            #expect(!metrics.text.contains("hermod_deliveries_open"))
        }
    }

    // MARK: Who may read it

    @Test func `on loopback nobody is asked, in either mode`() async throws {
        for isOpen in [true, false] {
            try await withWorld(isOpen: isOpen) { world in _ = try await Self.scrape(world) }
        }
    }

    @Test func `beyond loopback it takes a global_admin`() async throws {
        for isOpen in [true, false] {
            try await withWorld(isOpen: isOpen, host: "0.0.0.0") { world in
                let admin = try await world.key([.orgAdmin])
                let global = try await world.key([.globalAdmin])
                let refusals = [
                    try await Self.refusal(world), try await Self.refusal(world, headers: .bearer("hk_nonsense")),
                    try await Self.refusal(world, headers: admin),
                ]
                #expect(refusals == [401, 401, 403])
                let metrics = try await Self.scrape(world, headers: global)
                #expect(metrics.faults == [])
            }
        }
    }

    @Test func `the configured token opens it, and is asked for on loopback too`() async throws {
        let token = "prometheus-0123456789abcdef"
        for host in ["127.0.0.1", "0.0.0.0"] {
            try await withWorld(isOpen: false, host: host, metricsToken: token) { world in
                let longer = HTTPFields.bearer("\(token)0")
                let refusals = [try await Self.refusal(world), try await Self.refusal(world, headers: longer)]
                #expect(refusals == [401, 401])
                let metrics = try await Self.scrape(world, headers: .bearer(token))
                #expect(metrics.faults == [])
                // And nothing else.
                let elsewhere = try await world.call(.get, "/api/v1/deliveries", headers: .bearer(token))
                #expect(elsewhere.status == 401)
            }
        }
    }
}

/// Prometheus' text format read back, by the rules of its documentation and of `promtool check metrics`.
struct Exposition {
    struct Sample {
        var name: String
        var labels: [String: String]
        var value: Double
    }

    let text: String
    private(set) var samples: [Sample] = []
    private(set) var faults: [String] = []
    private var types: [String: String] = [:]

    init(_ text: String) throws {
        self.text = text
        var helped: Set<String> = []
        var family = ""
        var finished: Set<String> = []
        var seen: Set<String> = []
        if !text.hasSuffix("\n") { faults.append("the last line does not end") }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            if line.hasPrefix("# HELP ") {
                let words = line.dropFirst(7).split(separator: " ", maxSplits: 1)
                if words.count < 2 || words[1].isEmpty { faults.append("no help: \(line)") }
                if !helped.insert(String(words[0])).inserted { faults.append("helped twice: \(line)") }
            } else if line.hasPrefix("# TYPE ") {
                let words = line.dropFirst(7).split(separator: " ").map(String.init)
                try #require(words.count == 2)
                if !["counter", "gauge", "histogram", "summary", "untyped"].contains(words[1]) { faults.append("no such type: \(line)") }
                if types.updateValue(words[1], forKey: words[0]) != nil { faults.append("typed twice: \(line)") }
                if !helped.contains(words[0]) { faults.append("no HELP before \(line)") }
                if !finished.insert(words[0]).inserted { faults.append("not together: \(line)") }
                family = words[0]
                check(family, words[1])
            } else {
                let sample = try Self.sample(line)
                if !belongs(sample.name, to: family) { faults.append("\(sample.name) stands under \(family)") }
                if !seen.insert("\(sample.name)\(sample.labels.sorted { $0.key < $1.key })").inserted { faults.append("twice: \(line)") }
                samples.append(sample)
            }
        }
        checkHistograms()
    }

    subscript(name: String, labels: [String: String]) -> Double? { samples.first { $0.name == name && $0.labels == labels }?.value }

    private mutating func check(_ family: String, _ type: String) {
        let isName = family.wholeMatch(of: /[a-zA-Z_:][a-zA-Z0-9_:]*/) != nil
        if !isName { faults.append("no name for a metric: \(family)") }
        if (type == "counter") != family.hasSuffix("_total") { faults.append("counters, and only they, end in _total: \(family)") }
        for suffix in ["_count", "_sum", "_bucket", "_info_total"] where family.hasSuffix(suffix) { faults.append("reserved ending: \(family)") }
        for unit in ["_ms", "_milliseconds", "_minutes", "_kb"] where family.contains(unit) { faults.append("no base unit: \(family)") }
    }

    private func belongs(_ name: String, to family: String) -> Bool {
        switch types[family] {
        case "histogram": ["_bucket", "_sum", "_count"].contains { name == family + $0 }
        case "summary": name == family || ["_sum", "_count"].contains { name == family + $0 }
        default: name == family
        }
    }

    /// Buckets grow, end with +Inf, and that is the count.
    private mutating func checkHistograms() {
        for (family, type) in types where type == "histogram" {
            let buckets = Dictionary(grouping: samples.filter { $0.name == family + "_bucket" }) { $0.labels.filter { $0.key != "le" } }
            for (labels, series) in buckets {
                let bounds = series.compactMap { Double($0.labels["le"] ?? "") }
                if bounds != bounds.sorted() || bounds.last != .infinity { faults.append("bounds of \(family) \(labels): \(bounds)") }
                let values = series.map(\.value)
                if values != values.sorted() { faults.append("\(family) \(labels) is not cumulated: \(values)") }
                if self[family + "_count", labels] != values.last { faults.append("\(family)_count \(labels) is not the last bucket") }
                if self[family + "_sum", labels] == nil { faults.append("\(family)_sum \(labels) is missing") }
            }
        }
    }

    private struct Malformed: Error {
        var line: String
    }

    /// `name{label="value",…} number`, with \\, \" and \n in values.
    private static func sample(_ line: Substring) throws -> Sample {
        guard let head = line.prefixMatch(of: /[a-zA-Z_:][a-zA-Z0-9_:]*/) else { throw Malformed(line: String(line)) }
        var rest = line[head.range.upperBound...]
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest.removeFirst()
            while rest.first != "}" {
                guard let label = rest.prefixMatch(of: /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\\\|\\"|\\n)*)",?/) else {
                    throw Malformed(line: String(line))
                }
                let value = String(label.output.2).replacing(#"\\"#, with: "\u{0}").replacing(#"\""#, with: "\"").replacing(#"\n"#, with: "\n")
                    .replacing("\u{0}", with: "\\")
                guard labels.updateValue(value, forKey: String(label.output.1)) == nil else { throw Malformed(line: String(line)) }
                rest = rest[label.range.upperBound...]
            }
            rest.removeFirst()
        }
        guard rest.first == " ", let value = Double(rest.dropFirst()) else { throw Malformed(line: String(line)) }
        return Sample(name: String(head.output), labels: labels, value: value)
    }
}
