import Domain
import Foundation
import MockProviders
import Synchronization
import Testing
import Vault

/// Master keys changed under a gateway that sends all the while.
@Suite struct MasterKeyTests {
    /// Sends one push and one mail after the other until told to stop. Gives what was not delivered, and how many were.
    private func send(to gateway: GatewayUnderTest, while isGoing: @Sendable () -> Bool) async throws -> (failures: [String], delivered: Int) {
        var failures: [String] = []
        var delivered = 0
        while isGoing() || delivered == 0 {
            let token = String(format: "%064x", delivered + 1)
            let to: JSON =
                delivered.isMultiple(of: 2) ? ["token": .string(token), "platform": "ios"] : ["email": .string("u\(delivered)@example.org")]
            let answer = try await gateway.post("/api/v1/deliveries", ["to": to, "title": "t", "body": "b"])
            let state = answer.json["deliveries"]?[0]?["state"]?.string ?? answer.json.text
            if state == "delivered" { delivered += 1 } else { failures.append(state) }
            if failures.count > 3 { break }
        }
        return (failures, delivered)
    }

    @Test func `rotate-master is killed, run again and loses nothing while a gateway sends and others set credentials`() async throws {
        try await withMockProviders(.ephemeral) { mocks in
            try await withSite { site in
                let sealed = try SealedSite(site, mocks)
                let (k1, k2) = (try await sealed.generateKey("k1"), try await sealed.generateKey("k2"))
                try sealed.writeKeys(k1)
                try await sealed.withBook { book in
                    try await sealed.sealDemo(for: mocks, into: book)
                    try await sealed.sealMany(1_500, into: book)
                }
                let gateway = try await GatewayUnderTest.start(site)
                let isGoing = Mutex(true)
                async let sent = send(to: gateway) { isGoing.withLock { $0 } }

                // The running gateway takes up the new key from the file, and so do the commands.
                try sealed.writeKeys(k2, k1)
                let first = try Program("hermod", ["vault", "rotate-master", "--config", site.configuration])
                try await first.complaint { $0.hasPrefix("re-wrapped") }
                first.signal(SIGKILL)
                try await first.exit()
                let interrupted = try await sealed.run("vault", "status")
                #expect(interrupted.code == 0, "\(interrupted)")

                // Somebody sets credentials while it runs again.
                async let meanwhile: Void = sealed.withBook { book in
                    for number in 0..<20 {
                        let credential = Credential(orgID: "org_late", name: "n\(number)", account: .expo(ExpoAccount(accessToken: Secret("late"))))
                        _ = try await book.set(credential, facts: CredentialFacts(fingerprint: "f"), by: "test")
                    }
                }
                let second = try await sealed.run("vault", "rotate-master")
                try await meanwhile
                #expect(second.code == 0 && second.output.contains("brought under k2; retired: k1"), "\(second)")
                let status = try await sealed.run("vault", "status")
                let rows = status.output.split(separator: "\n").map { $0.split(separator: " ", omittingEmptySubsequences: true) }
                #expect(status.code == 0 && rows.count == 3, "\(status)")
                #expect(
                    rows[1].starts(with: ["k2", "seals", "and", "opens", "1522"]) && rows[2].starts(with: ["k1", "retired", "0"]), "\(status.output)")

                isGoing.withLock { $0 = false }
                let (failures, delivered) = try await sent
                #expect(failures == [] && delivered > 1)
                #expect(!gateway.program.complaints.contains { $0.contains("can't be opened") })
                #expect(try await gateway.stop() == 0)

                // The new key alone will do from now on.
                try sealed.writeKeys(k2)
                let later = try await GatewayUnderTest.start(site)
                #expect(try await send(to: later) { false } == ([], 1))
                #expect(later.program.complaints.filter { $0.contains("warning") } == [])
                #expect(try await later.stop() == 0)
            }
        }
    }

    @Test func `a retired master key is refused by gateway and commands, which say which one is current`() async throws {
        try await withMockProviders(.ephemeral) { mocks in
            try await withSite { site in
                let sealed = try SealedSite(site, mocks)
                let (k1, k2) = (try await sealed.generateKey("k1"), try await sealed.generateKey("k2"))
                try sealed.writeKeys(k1)
                try await sealed.withBook { book in try await sealed.sealDemo(for: mocks, into: book) }
                try sealed.writeKeys(k2, k1)
                #expect(try await sealed.run("vault", "rotate-master").code == 0)
                try sealed.writeKeys(k1)
                for command in ["status", "rotate-master"] {
                    let refused = try await sealed.run("vault", command)
                    #expect(refused.code == 1 && refused.complaints.contains("k1 was retired"), "\(refused)")
                    #expect(refused.complaints.contains("put k2, the current one, first"), "\(refused)")
                }
                // The gateway starts, and says what it can't open and what to do.
                let gateway = try await GatewayUnderTest.start(site)
                try await gateway.program.complaint { $0.contains("2 credentials (org_demo/apns/main, org_demo/smtp/main)") && $0.contains("k2") }
                try await gateway.program.complaint { $0.contains("k1 was retired") }
                let body: JSON = ["to": ["email": "a@example.org"], "title": "t", "body": "b"]
                let held = try await gateway.post("/api/v1/deliveries", body, headers: ["prefer": "respond-async"])
                let id = try #require(held.json["deliveries"]?[0]?["id"]?.string ?? held.json["id"]?.string)
                // The delivery waits, and goes out when the key is back: no restart, nothing lost.
                try sealed.writeKeys(k2)
                let deliveries = try await poll(within: .seconds(20)) { () -> Poll<JSON> in
                    let list = try await gateway.get("/api/v1/deliveries?state=delivered")
                    return list.json["data"]?.array?.isEmpty == false ? .found(list.json) : .notYet("\(id): \(list.json.text)")
                }
                #expect(deliveries["data"]?.array?.count == 1)
                #expect(try await gateway.stop() == 0)
            }
        }
    }

    @Test func `a gateway shows its environment to nobody else and leaves no core file`() async throws {
        try await withMockProviders(.ephemeral) { mocks in
            try await withSite { site in
                let sealed = try SealedSite(site, mocks)
                try sealed.writeKeys(try await sealed.generateKey("k1"))
                let gateway = try await GatewayUnderTest.start(site)
                let folder = "/proc/\(gateway.program.processID)"
                let limits = try String(contentsOfFile: "\(folder)/limits", encoding: .utf8)
                let core = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") })
                #expect(core.split(separator: " ").filter { $0 == "0" }.count == 2)
                // What it is started with belongs to root from then on, whoever runs it (proc(5)); read without root's rights, it is shut.
                if getuid() != 0 { #expect(throws: (any Error).self) { try String(contentsOfFile: "\(folder)/environ", encoding: .utf8) } }
                #expect(try FileManager.default.attributesOfItem(atPath: "\(folder)/environ")[.ownerAccountID] as? Int == 0)
                #expect(try await gateway.stop() == 0)
            }
        }
    }
}
