import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing

@testable import API

/// Walks the five contracts over a live server: sends each endpoint's example request, and compares the answer with the example answer.
struct ContractTests {
    @Test func `37 of 37 endpoints answer their example requests like their examples`() async throws {
        var answered = 0
        for endpoint in ContractEndpoint.all {
            let faults: [String]
            do {
                faults = try await self.faults(of: endpoint)
            } catch {
                faults = ["it could not be asked: \(error)"]
            }
            if faults.isEmpty { answered += 1 } else { Issue.record("\(endpoint.testDescription): \(faults.joined(separator: "; "))") }
        }
        #expect(answered == 37)
        #expect(Set(ContractEndpoint.all.map(\.testDescription)).count == 37)
    }

    /// Each has a gateway of its own, so that nothing in a list is another endpoint's doing.
    private func faults(of endpoint: ContractEndpoint) async throws -> [String] {
        let found = Mutex<[String]>([])
        try await withWorld(.live) { world in
            let call = try await ContractStage(world: world).call(for: endpoint)
            let reply = try await world.call(endpoint.method, call.path, endpoint.request, headers: call.headers)
            var faults: [String] = []
            if reply.status != endpoint.status { faults.append("status \(reply.status) and not \(endpoint.status)") }
            if reply.headers[.contentType] != "application/json" { faults.append("content type \(reply.headers[.contentType] ?? "none")") }
            if let warning = reply.headers[.warning] { faults.append("warning \(warning)") }
            // What a request has said comes back in the answer; what is only read is of the stage's making.
            faults += Shape.differences(reply.json, from: endpoint.response, values: endpoint.method != .get)
            found.withLock { $0 = faults.isEmpty ? [] : faults + [reply.json.text] }
        }
        return found.withLock { $0 }
    }
}

/// Compares an answer with an example: keys and their order, nesting, types, ids by prefix and length, times by their form.
enum Shape {
    /// - Parameter values: what is neither an id of ours, a time nor a token is compared literally too.
    static func differences(_ actual: JSON, from example: JSON, values: Bool, at place: String = "") -> [String] {
        switch (actual, example) {
        case (.object(let actual), .object(let example)):
            let keys = actual.members.map(\.key)
            guard keys == example.members.map(\.key) else { return ["\(place): members \(keys)"] }
            return zip(actual.members, example.members).flatMap { a, e in
                differences(a.value, from: e.value, values: values, at: "\(place)/\(a.key)")
            }
        case (.array(let actual), .array(let example)):
            guard let last = example.last, !actual.isEmpty else { return ["\(place): nothing to compare"] }
            // The bulk's example names twelve dispatches and lists two of them.
            let isAbridged = place.hasSuffix("/dispatch_ids") && place.hasPrefix("/data")
            let isComplete = values && !isAbridged ? actual.count == example.count : actual.count >= example.count
            guard isComplete else { return ["\(place): \(actual.count) elements"] }
            return actual.enumerated().flatMap { index, element in
                differences(element, from: index < example.count ? example[index] : last, values: values, at: "\(place)/\(index)")
            }
        case (.string(let actual), .string(let example)):
            return difference(actual, from: example, values: values, place).map { ["\(place): \(actual) \($0)"] } ?? []
        case (.number, .number), (.bool, .bool):
            return values && actual != example ? ["\(place): \(actual.text) is not \(example.text)"] : []
        default:
            return actual.kind == example.kind ? [] : ["\(place): \(actual.kind) where the example has \(example.kind)"]
        }
    }

    private static let prefixes = ["notif_", "batch_", "notif-", "batch-", "dtoken-", "dsp_", "nr_"]

    private static func difference(_ actual: String, from example: String, values: Bool, _ place: String) -> String? {
        for (form, what) in [(#/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/#, "seconds"), (#/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/#, "milliseconds")]
        where example.wholeMatch(of: form) != nil {
            return actual.wholeMatch(of: form) == nil ? "is no time in whole \(what)" : nil
        }
        for prefix in prefixes where example.hasPrefix(prefix) {
            return actual.hasPrefix(prefix) && actual.utf8.count == prefix.utf8.count + 22 ? nil : "is no id with \(prefix)"
        }
        if place.contains("token") { return nil }
        return values && actual != example ? "is not \(example)" : nil
    }
}
