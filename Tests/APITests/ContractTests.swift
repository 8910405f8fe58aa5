import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import API

/// Walks the five contracts over a live server: sends each endpoint's example request, and compares the answer with the example answer.
struct ContractTests {
    @Test func `the five contracts have 37 endpoints`() {
        #expect(Set(ContractEndpoint.all.map(\.testDescription)).count == 37)
        #expect(Set(ContractEndpoint.all.map(\.contract)).count == 5)
    }

    /// Those that are served so far.
    private static let endpoints = ContractEndpoint.all.filter { endpoint in
        [.pushDispatcher, .pushService, .coordinatorNotifications].contains(endpoint.contract) && !endpoint.path.hasPrefix("/api/v1/mentors")
    }

    @Test(arguments: endpoints)
    func `an endpoint answers its example request like its example`(endpoint: ContractEndpoint) async throws {
        try await withWorld(.live) { world in
            let call = try await ContractStage(world: world).call(for: endpoint)
            let reply = try await world.call(endpoint.method, call.path, endpoint.request, headers: call.headers)
            #expect(reply.status == endpoint.status)
            #expect(reply.headers[.contentType] == "application/json")
            #expect(reply.headers[.warning] == nil)
            // What a request has said comes back in the answer; what is only read is of the stage's making.
            let isEcho = endpoint.method != .get
            #expect(Shape.differences(reply.json, from: endpoint.response, values: isEcho) == [], "\(reply.json.text)")
        }
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
