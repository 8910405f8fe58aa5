import Domain
import Foundation
import GRDB
import MockProviders
import Testing

/// What a provider limits together is limited together here, whoever sends; and what it limits alone holds up nobody else.
@Suite(.serialized) struct QuotaTests {
    private static let devices = 400

    private static func token(_ org: String, _ number: Int) -> String { "ExponentPushToken[\(org)-\(number)]" }

    /// One user in each org, with many devices.
    private func fill(_ site: Site, _ orgs: [String]) throws {
        try DatabaseQueue(path: site.database).write { db in
            for org in orgs {
                try db.execute(
                    sql: "INSERT INTO users (id, org_id, full_name, email, email_verified) VALUES (?, ?, 'Ada', 'ada@example.org', 1)",
                    arguments: ["user_\(org)", "org_\(org)"])
                for number in 0..<Self.devices {
                    try db.execute(
                        sql: """
                            INSERT INTO device_tokens (org_id, token, id, user_id, platform, provider, registered_at)
                            VALUES (?, ?, ?, ?, 'ios', 'expo', 1)
                            """, arguments: ["org_\(org)", Self.token(org, number), "dt_\(org)_\(number)", "user_\(org)"])
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `two orgs that share a project share its rate, each has its turn, and nothing is lost or sent twice`() async throws {
        let orgs = ["north", "south"]
        var configuration = MockConfiguration.ephemeral
        configuration.expoAccessToken = "one-project-of-two-orgs"
        configuration.expoRate = 300
        try await withMockProviders(configuration) { mocks in
            try await withSite { site in
                try site.configure(for: mocks)
                try site.write("expo-token", "one-project-of-two-orgs")
                for org in orgs {
                    try site.write(
                        "orgs/\(org).yaml",
                        "org: org_\(org)\nparent: org_demo\ncredentials:\n  - { provider: expo, access_token: \"file:../expo-token\" }\n")
                }
                let gateway = try await GatewayUnderTest.start(site)
                try fill(site, orgs)
                // One refusal holds back all of the project, so that both orgs are ready when it goes on.
                mocks.script(
                    Script(
                        provider: .expo, stage: .request, times: 1,
                        answer: ScriptedAnswer(status: 429, reason: "TOO_MANY_REQUESTS", retryAfter: "3")))
                for org in orgs {
                    let answer = try await gateway.post(
                        "/api/v1/deliveries", ["to": ["user_id": .string("user_\(org)")], "title": "Hello", "provider": "expo"],
                        headers: ["prefer": "respond-async"])
                    #expect((200..<300).contains(answer.status), "\(answer.json.text)")
                }
                let before = mocks.messages(MessageFilter(provider: .expo))
                let taken = try await mocks.waitForMessages(MessageFilter(provider: .expo), count: 2 * Self.devices, timeout: .seconds(40))
                #expect(Set(taken.map(\.target)) == Set(orgs.flatMap { org in (0..<Self.devices).map { Self.token(org, $0) } }))
                #expect(taken.count == 2 * Self.devices)

                // No second saw more than what the project may: what was refused for it is little beside what was taken, and not tried again and again.
                let refused = mocks.messages(MessageFilter(provider: .expo, accepted: false))
                #expect(refused.count <= Self.devices, "\(refused.count) messages were refused")
                // While both have something to send, each has its turns, a request of a hundred at a time.
                let left = orgs.map { org in Self.devices - before.count { $0.target.contains(org) } }
                let contested = left.min() ?? 0
                let first = taken.dropFirst(before.count).prefix(contested)
                for org in orgs { #expect(first.count { $0.target.contains(org) } >= contested / 2 - 100, "\(org) of \(contested)") }

                let metrics = try await gateway.get("/metrics").text
                let shared = metrics.split(separator: "\n").filter { $0.hasPrefix("hermod_quota_lanes{quota=\"expo/token/") }
                #expect(shared.count == 1 && shared.first?.hasSuffix(" 2") == true, "\(shared)")
                #expect(!metrics.contains("one-project-of-two-orgs"))
                try await gateway.stop()
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a device that has had too many waits alone, and its story says why`() async throws {
        let busy = String(repeating: "ab", count: 32)
        let other = String(repeating: "cd", count: 32)
        try await withGateway { gateway, mocks, _ in
            func send(_ token: String) async throws -> String {
                let answer = try await gateway.post(
                    "/api/v1/deliveries", ["to": ["token": .string(token), "platform": "ios"], "title": "Hello"], headers: ["prefer": "respond-async"]
                )
                return try #require(answer.json["deliveries"]?[0]?["id"]?.string, "\(answer.json.text)")
            }
            mocks.script(
                Script(provider: .apns, target: busy, times: 1, answer: ScriptedAnswer(reason: "TooManyRequests", retryAfter: "2")))
            let refused = try await send(busy)
            try await poll(within: .seconds(10)) { () -> Poll<Void> in
                let story = try await gateway.get("/api/v1/deliveries/\(refused)").json
                return story["reason"]?.string == "TooManyRequests" ? .found(()) : .notYet(story.text)
            }
            let held = try await send(busy)
            let free = try await send(other)
            let waiting = try await poll(within: .seconds(10)) {
                let story = try await gateway.get("/api/v1/deliveries/\(held)").json
                return story["reason"]?.string == "TooManyRequests" ? .found(story) : .notYet(story.text)
            }
            #expect(waiting["attempts"]?.integer == 0 && waiting["state"]?.string == "queued")
            #expect(waiting["error"]?.string?.contains("fewer messages to this device") == true)
            #expect(try await gateway.delivery(free, in: ["delivered"])["attempts"]?.integer == 1)
            #expect(try await gateway.delivery(refused, in: ["delivered"])["attempts"]?.integer == 2)
            #expect(try await gateway.delivery(held, in: ["delivered"])["attempts"]?.integer == 1)
            #expect(mocks.messages(MessageFilter(provider: .apns, target: busy, accepted: nil)).count == 3)
        }
    }
}
