import Domain
import Testing
import Transport

@testable import Providers

struct APNsRequestTests {
    private let requests = APNsRequest(base: "https://api.push.apple.com", topic: "com.example.app")

    private func build(_ message: OutboundMessage, topic: String? = nil) throws -> HTTPRequest {
        let requests = topic.map { APNsRequest(base: "https://api.push.apple.com", topic: $0) } ?? requests
        return try requests.build(message, authorization: "bearer x", now: Fixture.now)
    }

    @Test func `an alert carries all that APNs asks for`() throws {
        let request = try build(
            Fixture.message(
                expiresIn: .seconds(90), Content(title: "Hi \"you\"", body: "there", data: ["id": 7, "deep": ["a": nil]], collapseID: "news")))
        #expect(request.url == "https://api.push.apple.com/3/device/" + Fixture.deviceToken.lowercased())
        let headers = Dictionary(uniqueKeysWithValues: request.headers.map { ($0.name, $0.value) })
        #expect(
            headers == [
                "authorization": "bearer x", "apns-topic": "com.example.app", "apns-push-type": "alert", "apns-priority": "10",
                "content-type": "application/json", "apns-id": "0193a5c2-7f00-7abc-8def-012345670001", "apns-collapse-id": "news",
                "apns-expiration": "1768478490",
            ])
        #expect(
            request.text
                == #"{"aps":{"alert":{"title":"Hi \"you\"","body":"there"},"sound":"default"},"id":7,"deep":{"a":null}}"#)
        #expect(!request.gzip)
    }

    @Test func `a message of normal priority is quiet and may wait`() throws {
        let request = try build(Fixture.message(Content(body: "there", priority: .normal)))
        #expect(request[header: "apns-priority"] == "5")
        #expect(request.text == #"{"aps":{"alert":{"body":"there"}}}"#)
    }

    @Test func `a message without text wakes the app, at the only priority that Apple takes for it`() throws {
        let request = try build(Fixture.message(Content(title: "", data: ["sync": true])))
        #expect(request[header: "apns-push-type"] == "background")
        #expect(request[header: "apns-priority"] == "5")
        #expect(request[header: "apns-topic"] == "com.example.app")
        #expect(request.text == #"{"aps":{"content-available":1},"sync":true}"#)
    }

    @Test func `aps in data is laid over ours, member by member`() throws {
        let request = try build(Fixture.message(Content(title: "Hi", data: ["aps": ["sound": "bell.caf", "badge": 3], "x": 1])))
        #expect(request.text == #"{"aps":{"alert":{"title":"Hi"},"sound":"bell.caf","badge":3},"x":1}"#)
        let badge = try build(Fixture.message(Content(data: ["aps": ["badge": 0]])))
        #expect(badge[header: "apns-push-type"] == "alert")
        #expect(badge.text == #"{"aps":{"badge":0}}"#)
        #expect(throws: RequestFault(.badAps, "the member aps of data is no object")) { try build(Fixture.message(Content(data: ["aps": "x"]))) }
    }

    @Test func `of members with equal names the last one goes out`() throws {
        let data = JSONObject(members: [
            .init(key: "a", value: 1), .init(key: "aps", value: 5), .init(key: "a", value: 2), .init(key: "aps", value: [:]),
        ])
        #expect(try build(Fixture.message(Content(title: "Hi", data: data, priority: .normal))).text == #"{"aps":{"alert":{"title":"Hi"}},"a":2}"#)
    }

    @Test func `the expiry is worked out anew at each attempt`() throws {
        func expiration(_ expiresIn: Duration?) throws -> String? {
            try build(Fixture.message(expiresIn: expiresIn, Content(title: "Hi")))[header: "apns-expiration"]
        }
        #expect(try expiration(nil) == nil)
        #expect(try expiration(.seconds(60)) == "1768478460")
        #expect(try expiration(.zero) == "0")
        #expect(try expiration(.seconds(-5)) == "0")
        #expect(try expiration(.seconds(400 * 86_400)) == String(1_768_478_400 + 30 * 86_400))
    }

    @Test func `the payload is measured as it goes out`() throws {
        let frame = #"{"aps":{"alert":{"body":""},"sound":"default"}}"#.utf8.count
        let fits = try build(Fixture.message(Content(body: String(repeating: "x", count: 4_096 - frame))))
        #expect(fits.body.count == 4_096)
        let fault = #expect(throws: RequestFault.self) { try build(Fixture.message(Content(body: String(repeating: "x", count: 4_097 - frame)))) }
        #expect(fault == RequestFault(.payloadTooLarge, "the payload has 4097 bytes; APNs takes 4096"))
        #expect(fault?.outcome(.apns).rule == "apns.local.payload_too_large")
        #expect(fault?.outcome(.apns).verdict == .rejected)
        #expect(try build(Fixture.message(Content(body: String(repeating: "ü", count: 2_500))), topic: "com.example.app.voip").body.count > 5_000)
        #expect(throws: RequestFault.self) {
            try build(Fixture.message(Content(body: String(repeating: "x", count: 5_100))), topic: "com.example.app.voip")
        }
    }

    @Test(arguments: [
        "", "xyz", String(repeating: "a", count: 63), String(repeating: "a", count: 65), "../" + Fixture.deviceToken, Fixture.deviceToken + "zz",
    ])
    func `what is no device token is not sent`(token: String) {
        let fault = #expect(throws: RequestFault.self) { try build(Fixture.message(to: token, Content(title: "Hi"))) }
        #expect(fault?.kind == .badDeviceToken)
        #expect(fault?.outcome(.apns).verdict == .rejected)
        if token.count > 2 { #expect(fault?.detail.contains(token) == false) }
    }

    @Test func `a collapse id of 64 bytes is taken, one that APNs would refuse is not sent`() throws {
        let longest = String(repeating: "é", count: 32)
        #expect(try build(Fixture.message(Content(title: "Hi", collapseID: longest)))[header: "apns-collapse-id"] == longest)
        #expect(try build(Fixture.message(Content(title: "Hi", collapseID: "")))[header: "apns-collapse-id"] == nil)
        for bad in [longest + "x", "a\r\nx: y", "a\u{7F}"] {
            let fault = #expect(throws: RequestFault.self) { try build(Fixture.message(Content(title: "Hi", collapseID: bad))) }
            #expect(fault?.kind == .badCollapseID)
        }
    }

    @Test(arguments: [
        ("com.example.app", "alert"), ("com.example.app.voip", "voip"), ("com.example.app.complication", "complication"),
        ("com.example.app.pushkit.fileprovider", "fileprovider"), ("com.example.app.push-type.liveactivity", "liveactivity"),
        ("com.example.app.location-query", "location"), ("com.example.app.voip-ptt", "pushtotalk"), ("com.example.app.push-type.widgets", "widgets"),
        ("com.example.app.push-type.controls", "controls"),
    ])
    func `the push type follows from the topic`(topic: String, type: String) throws {
        let request = try build(Fixture.message(Content(data: ["x": 1], priority: .normal)), topic: topic)
        #expect(request[header: "apns-topic"] == topic)
        #expect(request[header: "apns-push-type"] == (type == "alert" ? "background" : type))
        #expect(request[header: "apns-priority"] == (type == "pushtotalk" ? "10" : "5"))
        #expect(request[header: "apns-expiration"] == (type == "pushtotalk" ? "0" : nil))
    }
}
