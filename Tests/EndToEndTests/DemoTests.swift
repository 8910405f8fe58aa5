import Foundation
import Testing

/// What `make demo` runs. It checks itself: it ends with 0 only when everything it shows is as it should be.
@Suite struct DemoTests {
    @Test(.timeLimit(.minutes(2)))
    func `the demo ends well, and leaves nothing behind`() async throws {
        try await withSite { site in
            let script = Program.package.appendingPathComponent("config/development/demo").path
            let demo = try Program(path: script, [], environment: ["DEMO_BIN": Program.folder.path, "TMPDIR": site.folder])
            let code = try await demo.exit(within: .seconds(90))
            #expect(code == 0, "\(demo.lines.suffix(5)) \(demo.complaints)")
            #expect(demo.lines.last == "All as it should be.")
            #expect(demo.lines.count < 60, "somebody has to read it")
            let left = try FileManager.default.contentsOfDirectory(atPath: site.folder)
            #expect(left == ["orgs"], "\(left)")
        }
    }
}
