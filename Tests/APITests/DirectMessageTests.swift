import DeliveryEngine
import Domain
import Testing

@testable import API

struct DirectMessageTests {
    private func read(_ text: String) throws -> (draft: Draft, pointers: [String]) {
        var reader = FieldReader(try #require(try JSON(parsing: text).object))
        let message = DirectMessage(&reader)
        return (message.draft(id: "msg_1", orgID: "o"), reader.faults.list.map(\.pointer))
    }

    @Test func `a mail carries its parts`() throws {
        let (draft, pointers) = try read(
            #"{"to": {"email": "a@example.org"}, "title": "Hi", "body": "text", "html": "<p>text</p>", "list_unsubscribe": "https://example.org/u?x=1", "priority": "normal"}"#
        )
        #expect(pointers.isEmpty)
        #expect(draft.recipient == .email("a@example.org"))
        #expect(draft.content.html == "<p>text</p>")
        #expect(draft.content.listUnsubscribe == "https://example.org/u?x=1")
        #expect(draft.content.priority == .normal)
        #expect(draft.contract == .direct)
    }

    @Test func `a token goes with its platform`() throws {
        let (draft, pointers) = try read(#"{"to": {"token": "abc", "platform": "ios"}, "title": "Hi", "provider": "fcm"}"#)
        #expect(pointers.isEmpty)
        #expect(draft.recipient == .token("abc", platform: .ios))
        #expect(draft.provider == .fcm)
    }

    @Test(arguments: [
        (#"{"title": "t"}"#, ["/to"]),
        (#"{"to": "a@example.org", "title": "t"}"#, ["/to"]),
        (#"{"to": {}, "title": "t"}"#, ["/to/user_id"]),
        (#"{"to": {"user_id": "u", "email": "a@example.org"}, "title": "t"}"#, ["/to/user_id"]),
        (#"{"to": {"user_id": "u", "platform": "ios"}, "title": "t"}"#, ["/to/platform"]),
        (#"{"to": {"token": "t", "platform": "fridge"}, "title": "t"}"#, ["/to/platform"]),
        (#"{"to": {"email": 5}, "title": "t", "body": "b"}"#, ["/to/email"]),
        (#"{"to": {"email": "a@example.org\r\nBcc: b@example.org"}, "title": "t", "body": "b"}"#, ["/to/email"]),
        (#"{"to": {"email": "a@example.org"}, "title": "one\ntwo", "body": "b"}"#, ["/title"]),
        (#"{"to": {"email": "a@example.org"}, "title": "t"}"#, ["/body"]),
        (#"{"to": {"email": "a@example.org"}, "title": "t", "body": "b", "provider": "apns"}"#, ["/provider"]),
        (#"{"to": {"email": "a@example.org"}, "title": "t", "body": "b", "list_unsubscribe": "http://example.org"}"#, ["/list_unsubscribe"]),
        (#"{"to": {"email": "a@example.org"}, "title": "t", "body": "b", "list_unsubscribe": "https://a>,<b"}"#, ["/list_unsubscribe"]),
        (#"{"to": {"user_id": "u"}}"#, ["/title"]),
        (#"{"to": {"user_id": "u"}, "title": "t", "html": "<p>", "list_unsubscribe": "https://example.org"}"#, ["/html", "/list_unsubscribe"]),
        (#"{"to": {"user_id": "u"}, "title": "t", "provider": "smtp"}"#, ["/provider"]),
    ])
    func `what can't be sent is refused at its place`(body: String, expected: [String]) throws {
        #expect(try read(body).pointers == expected)
    }
}
