import ArgumentParser
import Domain
import Foundation
import Transport

/// Proves on this machine that nothing is lost: the gateway, the mock providers, much load, and everything that can go wrong.
struct ProveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove", abstract: "Proves that nothing is lost: load and faults on a gateway of its own, and the mock's word for what arrived.",
        discussion:
            "Ends with 0 when nothing was lost and nothing arrived twice without a known cause. What is proven and how to read it: docs/proof.md.")

    @Option(help: "What the run is made from; the same seed makes the same plan. Random by default, and always printed.")
    var seed: UInt64?

    @Option(help: ArgumentHelp("How many notifications to send.", valueName: "count"))
    var notifications: Int?

    @Flag(help: "Two minutes at most: few notifications, short faults.")
    var quick = false

    @Flag(help: "Print the ledger as JSON.")
    var json = false

    @Option(help: ArgumentHelp("Only these faults, with commas between.", valueName: "names"))
    var faults: String?

    @Flag(help: "Say which faults there are, and end.")
    var listFaults = false

    @Flag(help: "Keep the working folder, with configuration, database and logs.")
    var keep = false

    @Option(help: ArgumentHelp("The mock providers' program; by default the one beside this.", valueName: "path"))
    var mock: String?

    func validate() throws {
        if let notifications, !(1...10_000_000).contains(notifications) { throw ValidationError("--notifications must be from 1 to 10000000.") }
        _ = try chosen()
    }

    func run() async throws {
        if listFaults {
            var table = TextTable(columns: ["fault", "what goes wrong"])
            table.rows = FaultName.allCases.map { [$0.rawValue, $0.about] }
            return StandardStream.output.line(table.text)
        }
        do {
            try await prove()
        } catch let fault as StartFault {
            throw fail([fault])
        }
    }

    private func prove() async throws {
        let plan = ProvePlan(
            seed: seed ?? .random(in: .min ... .max), notifications: notifications ?? (quick ? 5_000 : 100_000), faults: try chosen(),
            pace: quick ? .quick : .full)
        // Strangers, callers and the mock's list are all this process.
        _ = Descriptors.raise()
        let program = try Self.own()
        let mockProgram = try mock ?? Self.neighbour(of: program)
        let folder = try Folder(in: FileManager.default.temporaryDirectory.path)
        StandardStream.error.line("hermod prove: seed \(plan.seed), working in \(folder.path)")
        let launch = Launcher(
            program: program, folder: folder, environment: ConfigurationOptions.environment.filter { !$0.key.hasPrefix(ConfigurationFile.prefix) })
        let report: LedgerReport
        do {
            report = try await Interruption.ends { try await carryOut(plan, mockProgram: mockProgram, launch: launch) }
        } catch let interruption as Interruption {
            await launch.endAll()
            if !keep { folder.remove() }
            StandardStream.error.line(
                "hermod prove: seed \(plan.seed) ended by \(interruption.name)"
                    + (keep ? "; configuration, database and logs are kept in \(folder.path)" : ""))
            throw ExitCode(interruption.exitCode)
        } catch {
            StandardStream.error.line("hermod prove: seed \(plan.seed) failed; configuration, database and logs are kept in \(folder.path)")
            throw error
        }
        StandardStream.output.line(json ? report.json.text : report.text)
        guard report.isProof else {
            StandardStream.error.line("hermod prove: configuration, database and logs are kept in \(folder.path)")
            throw ExitCode.failure
        }
        if !keep { folder.remove() }
    }

    private func carryOut(_ plan: ProvePlan, mockProgram: String, launch: Launcher) async throws -> LedgerReport {
        var settings = HTTPTransport.Configuration()
        settings.maxResponseBytes = 64 << 20
        let transport = try HTTPTransport(configuration: settings)
        let progress = ProveProgress(notifications: plan.notifications, episodes: plan.episodes.count)
        let result: Result<LedgerReport, any Error>
        do {
            let stage = try await ProveStage.build(plan, mockProgram: mockProgram, launch: launch, transport: transport)
            let report = try await Prover(stage: stage, progress: progress).run()
            try await stage.close()
            result = .success(report)
        } catch {
            result = .failure(error)
        }
        progress.end()
        await transport.shutdown(grace: .zero)
        return try result.get()
    }

    private func chosen() throws -> [FaultName] {
        guard let faults else { return FaultName.allCases }
        return try faults.split(separator: ",").map { word in
            guard let name = FaultName(rawValue: word.trimmingCharacters(in: .whitespaces)) else {
                throw ValidationError("There is no fault \"\(word)\"; --list-faults says which there are.")
            }
            return name
        }
    }

    /// This program's path, by which it starts itself as a gateway.
    private static func own() throws(StartFault) -> String {
        guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            throw StartFault("this program's own path is not known: /proc is not mounted")
        }
        return path
    }

    private static func neighbour(of program: String) throws(StartFault) -> String {
        let path = URL(fileURLWithPath: program).deletingLastPathComponent().appendingPathComponent("mock-providers").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw StartFault("there are no mock providers at \(path)", remedy: "build them (make build), or name them with --mock")
        }
        return path
    }
}
