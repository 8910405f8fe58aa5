import Domain
import Foundation
import MockProviders
import Testing

/// A directory on its way from a file into the gateway, through the command line.
@Suite struct DirectoryImportTests {
    private func run(_ gateway: GatewayUnderTest, _ arguments: [String]) async throws -> (code: Int32, output: [String], complaints: [String]) {
        let program = try Program("hermod", ["directory", "import"] + arguments + ["--url", gateway.address])
        let code = try await program.exit()
        return (code, program.lines, program.complaints)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a file comes in piece by piece, and each faulty line is named by its place in the file`() async throws {
        try await withGateway { gateway, _, site in
            var lines = [#"{"kind": "organisation", "id": "org_a", "parent_id": "org_demo", "name": "A"}"#]
            lines += (2...3_000).map { #"{"kind": "user", "id": "u\#($0)", "org_id": "org_a", "shoe": 44}"# }
            lines[1_499] = #"{"kind": "user", "id": "u1500", "org_id": "org_none"}"#
            lines[2_999] = "nonsense"
            try site.write("people.ndjson", lines.joined(separator: "\n"))
            let path = "\(site.folder)/people.ndjson"
            let first = try await run(gateway, [path])
            #expect(first.code == 1)
            #expect(first.output == ["imported 2,998, failed 2"])
            #expect(
                first.complaints == [
                    "\(path): unknown and ignored: /shoe",
                    "\(path):1500: /org_id: names \"org_none\", no organisation that the caller may reach; put or import it first",
                    "\(path):3000: is not JSON: unexpected word at byte 0",
                ])
            let user = try await gateway.get("/api/v1/directory/users/u2999")
            #expect(user.json["org_id"]?.string == "org_a")
            try site.write("people.csv", "kind,id,org_id,full_name\nuser,u2,org_a,\"Ola\"\nuser,u3,org_demo,Kari\n")
            let second = try await run(gateway, ["\(site.folder)/people.csv"])
            #expect(second.code == 0)
            #expect(second.output == ["imported 2, failed 0"])
            #expect(try await gateway.get("/api/v1/directory/users/u3").json["full_name"]?.string == "Kari")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `an import that can't be sent ends with one line that says why`() async throws {
        try await withSite { site in
            try site.write("people.txt", "")
            try site.write("people.csv", "kind,id\nuser,u\n")
            for (arguments, expected) in [
                (["\(site.folder)/people.txt"], "does not tell its format by its name; say --format ndjson or --format csv"),
                (["/no/such.csv"], "/no/such.csv can't be read: No such file or directory"),
                (["\(site.folder)/people.csv", "--url", "http://127.0.0.1:1"], "no gateway can be reached at http://127.0.0.1:1"),
            ] {
                let program = try Program("hermod", ["directory", "import"] + arguments)
                #expect(try await program.exit() == 1)
                #expect(program.lines == [])
                #expect(program.complaints.count == 1)
                #expect(program.complaints.contains { $0.hasPrefix("hermod: ") && $0.contains(expected) }, "\(program.complaints)")
            }
        }
    }
}
