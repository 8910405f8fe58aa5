import Domain
import Foundation
import MockProviders
import Testing

/// One call to two people: in the inbox of both, on the phone of one, read by one.
@Suite(.serialized) struct InAppTests {
    private static let path = "/api/v1/notifications"

    @Test(.timeLimit(.minutes(1)))
    func `a call reaches inbox and phone, and is read by one of two, also by a gateway that starts later`() async throws {
        try await withMockProviders(.ephemeral) { mocks in
            try await withSite { site in
                try site.configure(for: mocks)
                try site.declareDemo(for: mocks)
                let first = try await GatewayUnderTest.start(site)
                let id = try await send(through: first, mocks)
                let read = try await first.send(
                    "PUT", "\(Self.path)/\(id)?recipient_id=bob", body: JSON.object(["read": true]).bytes,
                    headers: ["content-type": "application/json"])
                #expect(read.status == 200 && read.json["notification_id"]?.string == id && read.json["read"] == true)
                #expect(try await first.stop() == 0)

                let second = try await GatewayUnderTest.start(site)
                #expect(try await recipients(second, "?read=true") == ["bob"])
                #expect(try await recipients(second, "?read=false") == ["ada"])
                #expect(try await recipients(second, "?recipient_id=bob&type=mentor_status_change") == ["bob"])
                let entry = try await second.get("\(Self.path)/\(id)?recipient_id=bob")
                #expect(entry.json["read"] == true && entry.json["payload"] == ["deep_link": "/mentors/mntr_1"])
                #expect(mocks.count(MessageFilter(provider: .apns)) == 1)
                #expect(try await second.stop() == 0)
            }
        }
    }

    /// Sends, and waits until the phone has it.
    private func send(through gateway: GatewayUnderTest, _ mocks: MockProviders) async throws -> String {
        try await gateway.register(DeliveryTests.apnsToken, user: "ada", platform: "ios")
        let answer = try await gateway.post(
            Self.path,
            [
                "recipient_ids": ["ada", "bob"], "type": "mentor_status_change", "title": "Mentor paused", "body": "James is paused.",
                "payload": ["deep_link": "/mentors/mntr_1"],
            ])
        #expect(answer.status == 201 && answer.json["recipient_ids"] == ["ada", "bob"])
        let id = try #require(answer.json["notification_id"]?.string)
        let log = try await poll(within: .seconds(10)) {
            let list = try await gateway.get("/api/v1/deliveries")
            let items = list.json["data"]?.array ?? []
            return items.count == 3 && items.allSatisfy { $0["state"] == "delivered" } ? .found(items) : .notYet(list.json.text)
        }
        #expect(log.compactMap { $0["provider"]?.string }.sorted() == ["apns", "in_app", "in_app"])
        let push = try JSON(parsing: try #require(mocks.messages(MessageFilter(provider: .apns)).first).payload)
        #expect(push["aps"]?["alert"]?["title"] == "Mentor paused")
        #expect(push["deep_link"] == "/mentors/mntr_1" && push["notification_id"]?.string == id && push["type"] == "mentor_status_change")
        return id
    }

    private func recipients(_ gateway: GatewayUnderTest, _ query: String) async throws -> [String] {
        let list = try await gateway.get(Self.path + query)
        let found = list.json["data"]?.array?.compactMap { $0["recipient_id"]?.string } ?? []
        #expect(list.json["pagination"]?["total"]?.integer == Int64(found.count))
        return found
    }
}
