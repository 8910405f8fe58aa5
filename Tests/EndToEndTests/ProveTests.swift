import Domain
import Foundation
import Testing

/// `hermod prove` as a person runs it.
@Suite(.serialized) struct ProveTests {
    @Test(.timeLimit(.minutes(2)))
    func `with kill -9 in the middle it proves that nothing is lost, tells so in JSON, and leaves nothing behind`() async throws {
        let prover = try Program("hermod", ["prove", "--seed", "7", "--notifications", "400", "--faults", "kill,hangups", "--quick", "--json"])
        let text = try await prover.line(within: .seconds(100)) { $0.hasPrefix("{") ? $0 : nil }
        #expect(try await prover.exit() == 0)
        let ledger = try JSON(parsing: text)
        #expect(ledger["proven"] == true)
        #expect(ledger["seed"] == "7")
        #expect(ledger["total"]?["sent"] == 400)
        #expect(ledger["total"]?["lost"] == 0)
        let accepted = try #require(ledger["total"]?["accepted"]?.integer)
        #expect(accepted > 300)
        // One life more than there were kills.
        #expect((ledger["gateway"]?["lives"]?.integer ?? 0) > 1)
        let folder = try #require(Self.folder(prover))
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test(.timeLimit(.minutes(2)))
    func `strangers that open more connections than the gateway has descriptors neither end it nor lose anything`() async throws {
        let prover = try Program("hermod", ["prove", "--seed", "3", "--notifications", "1500", "--faults", "no-descriptors", "--json"])
        let text = try await prover.line(within: .seconds(100)) { $0.hasPrefix("{") ? $0 : nil }
        #expect(try await prover.exit() == 0)
        let ledger = try JSON(parsing: text)
        #expect(ledger["gateway"]?["lives"] == 1)
        #expect(ledger["remarks"] == [])
        #expect((ledger["faults"]?["no-descriptors"]?["disturbed"]?.integer ?? 0) > 0)
    }

    @Test(.timeLimit(.minutes(1)))
    func `killed, it takes its gateway and its mock with it`() async throws {
        let prover = try Program("hermod", ["prove", "--notifications", "1000000", "--faults", "kill"])
        let (folder, gateway) = try await Self.underWay(prover)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        prover.signal(SIGKILL)
        try await prover.exit()
        try await poll(within: .seconds(20)) { () -> Poll<Void> in kill(gateway, 0) != 0 ? .found(()) : .notYet("the gateway \(gateway) lives") }
    }

    @Test(.timeLimit(.minutes(1)), arguments: zip([SIGINT, SIGTERM, SIGHUP], [130, 143, 129]))
    func `asked to end, it ends its gateway, removes its folder and says by what it was ended`(signal: Int32, code: Int32) async throws {
        let prover = try Program("hermod", ["prove", "--notifications", "1000000", "--faults", "silence"])
        let (folder, gateway) = try await Self.underWay(prover)
        prover.signal(signal)
        #expect(try await prover.exit() == code)
        #expect(kill(gateway, 0) != 0)
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test func `it says which faults there are, and refuses one that there is not`() async throws {
        let list = try Program("hermod", ["prove", "--list-faults"])
        #expect(try await list.exit() == 0)
        #expect(list.lines.contains { $0.hasPrefix("clock-jump ") })
        let wrong = try Program("hermod", ["prove", "--faults", "kill,plague"])
        #expect(try await wrong.exit() != 0)
        #expect(wrong.complaints.contains { $0.contains("plague") && $0.contains("--list-faults") })
    }

    /// Returns when its gateway runs: the folder, and which process that is by the lock that it holds.
    private static func underWay(_ prover: Program) async throws -> (folder: String, gateway: pid_t) {
        let folder = try await poll(within: .seconds(20)) { () -> Poll<String> in Self.folder(prover).map { .found($0) } ?? .notYet("no folder") }
        let gateway = try await poll(within: .seconds(30)) { () -> Poll<pid_t> in
            let text = try? String(contentsOfFile: "\(folder)/hermod.sqlite.lock", encoding: .utf8)
            return text.flatMap { pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines)) }.map { .found($0) } ?? .notYet("no gateway")
        }
        return (folder, gateway)
    }

    private static func folder(_ prover: Program) -> String? {
        prover.complaints.lazy.compactMap { line in line.range(of: "working in ").map { String(line[$0.upperBound...]) } }.first
    }
}
