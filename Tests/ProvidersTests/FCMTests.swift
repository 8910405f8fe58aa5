import Crypto
import CryptoExtras
import Domain
import Foundation
import Testing
import Transport

@testable import Providers

struct FCMRequestTests {
    private let requests = FCMRequest(base: "https://fcm.googleapis.com", projectID: "demo-app")

    private func body(_ message: OutboundMessage) throws -> JSON {
        try #require(try JSON(parsing: requests.body(message, now: Fixture.now))["message"])
    }

    @Test func `a message for Android`() throws {
        let message = Fixture.message(
            to: "abc:def", platform: .android, expiresIn: .seconds(90),
            Content(title: "Hi", body: "there", data: ["n": .number("1.5"), "b": true, "o": ["x": [1]], "s": "t", "z": nil], collapseID: "news"))
        #expect(
            try body(message).text
                == #"{"token":"abc:def","notification":{"title":"Hi","body":"there"},"data":{"n":"1.5","b":"true","o":"{\"x\":[1]}","s":"t","z":"null"},"#
                + #""android":{"priority":"HIGH","ttl":"90s","collapse_key":"news","notification":{"tag":"news"}}}"#)
        let request = requests.build(body: [], authorization: "Bearer t")
        #expect(request.url == "https://fcm.googleapis.com/v1/projects/demo-app/messages:send")
        #expect(request[header: "authorization"] == "Bearer t")
        #expect(request[header: "content-type"] == "application/json; charset=utf-8")
    }

    @Test func `a message for an iPhone behind FCM`() throws {
        let message = Fixture.message(to: "abc:def", platform: .ios, expiresIn: .seconds(90), Content(title: "Hi", collapseID: "news"))
        #expect(
            try body(message)["apns"]?.text
                == #"{"headers":{"apns-priority":"10","apns-expiration":"1768478490","apns-collapse-id":"news"},"payload":{"aps":{"sound":"default"}}}"#
        )
        #expect(try body(message)["android"] == nil)
        let silent = Fixture.message(to: "abc:def", platform: .ios, Content(data: ["sync": "1"]))
        #expect(
            try body(silent)["apns"]?.text
                == #"{"headers":{"apns-priority":"5","apns-push-type":"background"},"payload":{"aps":{"content-available":1}}}"#)
        #expect(try body(silent)["notification"] == nil)
    }

    @Test func `a message for a browser, and one for a device that nobody named`() throws {
        let web = Fixture.message(to: "abc:def", platform: .web, expiresIn: .seconds(90), Content(title: "Hi", collapseID: "news", priority: .normal))
        #expect(try body(web)["webpush"]?.text == #"{"headers":{"Urgency":"normal","TTL":"90","Topic":"news"}}"#)
        #expect(try body(web)["android"] == nil && body(web)["apns"] == nil)
        let unknown = try body(Fixture.message(to: "abc:def", Content(title: "Hi")))
        #expect(unknown["android"]?["priority"] == "HIGH" && unknown["apns"] != nil && unknown["webpush"] == nil)
    }

    @Test func `the lifetime is worked out anew and kept within four weeks`() throws {
        func ttl(_ expiresIn: Duration) throws -> String? {
            try body(Fixture.message(to: "a:b", platform: .android, expiresIn: expiresIn, Content(title: "Hi")))["android"]?["ttl"]?.string
        }
        #expect(try ttl(.milliseconds(2_900)) == "2s")
        #expect(try ttl(.seconds(-1)) == "0s")
        #expect(try ttl(.seconds(90 * 86_400)) == "2419200s")
    }

    @Test(arguments: ["from", "message_type", "google.x", "gcm.y"])
    func `a reserved data key is named and not sent`(key: String) {
        let fault = #expect(throws: RequestFault.self) {
            try body(Fixture.message(to: "a:b", Content(data: JSONObject(members: [.init(key: key, value: 1)]))))
        }
        #expect(fault?.kind == .reservedDataKey)
        #expect(fault?.detail.contains(key) == true)
    }

    @Test func `data and notification above 4,096 bytes are not sent`() throws {
        _ = try body(Fixture.message(to: "a:b", Content(title: "abc", body: String(repeating: "x", count: 4_090), data: ["k": "ü"])))
        let fault = #expect(throws: RequestFault.self) {
            try body(Fixture.message(to: "a:b", Content(title: "abc", body: String(repeating: "x", count: 4_091), data: ["k": "ü"])))
        }
        #expect(fault == RequestFault(.payloadTooLarge, "data and notification have 4097 bytes; FCM takes 4096"))
    }
}

struct AccessTokenScheduleTests {
    private let start = Fixture.now

    @Test func `one asks, the others wait, then all use it`() {
        var schedule = AccessTokenSchedule()
        #expect(schedule.said(start) == "ask")
        #expect(schedule.said(start) == "wait")
        #expect(schedule.granted("t", lifetime: .seconds(3_599), now: start).authorization == "Bearer t")
        #expect(schedule.said(start) == "use 1")
    }

    @Test func `the old token serves while one asks for the next`() {
        var schedule = AccessTokenSchedule()
        _ = schedule.granted("t", lifetime: .seconds(3_599), now: start)
        #expect(schedule.said(start + .seconds(3_599 - 271)) == "use 1")
        #expect(schedule.said(start + .seconds(3_599 - 270)) == "use 1 and ask")
        #expect(schedule.said(start + .seconds(3_599 - 269)) == "use 1")
        _ = schedule.granted("u", lifetime: .seconds(3_599), now: start + .seconds(3_599 - 268))
        #expect(schedule.said(start + .seconds(3_599)) == "use 2")
    }

    @Test func `a token that ends is not used any more, and a failed renewal is repeated after a pause`() {
        var schedule = AccessTokenSchedule()
        _ = schedule.granted("t", lifetime: .seconds(3_600), now: start)
        let late = start + .seconds(3_500)
        #expect(schedule.said(late) == "use 1 and ask")
        schedule.failed(Outcome(verdict: .deferred(Wait()), rule: "x"), now: late)
        #expect(schedule.said(late + .milliseconds(500)) == "use 1")
        #expect(schedule.said(late + .seconds(1)) == "use 1 and ask")
        #expect(schedule.said(start + .seconds(3_591)) == "wait")
        schedule.failed(Outcome(verdict: .deferred(Wait()), rule: "y"), now: start + .seconds(3_591))
        #expect(schedule.said(start + .seconds(3_591)) == "fail y")
        #expect(schedule.said(start + .seconds(3_593)) == "ask")
    }

    @Test func `a refused token is replaced once; the replacement's refusal is the credential's`() {
        var schedule = AccessTokenSchedule()
        _ = schedule.granted("t", lifetime: .seconds(3_600), now: start)
        #expect(schedule.refused(1, now: start) == false)
        #expect(schedule.refused(1, now: start) == false)
        #expect(schedule.said(start) == "ask")
        _ = schedule.granted("u", lifetime: .seconds(3_600), now: start)
        // Another message was still under way with the first token.
        #expect(schedule.refused(1, now: start) == false)
        #expect(schedule.said(start) == "use 2")
        #expect(schedule.refused(2, now: start + .seconds(299)) == true)
    }

    @Test func `a replacement that served for long may be refused for reasons of its own`() {
        var schedule = AccessTokenSchedule()
        _ = schedule.granted("t", lifetime: .seconds(3_600), now: start)
        _ = schedule.refused(1, now: start)
        _ = schedule.granted("u", lifetime: .seconds(3_600), now: start)
        #expect(schedule.refused(2, now: start + .seconds(300)) == false)
    }
}

extension AccessTokenSchedule {
    fileprivate mutating func said(_ now: Timestamp) -> String {
        switch step(now: now) {
        case .use(let token): "use \(token.serial)"
        case .useAndAsk(let token): "use \(token.serial) and ask"
        case .ask: "ask"
        case .wait: "wait"
        case .fail(let outcome): "fail \(outcome.rule)"
        }
    }
}

struct FCMProviderTests {
    private let time = ManualTime()
    private let hello = Fixture.message(to: "abc:def", Content(title: "Hi"))
    private var deadline: Timestamp { Fixture.now + .seconds(30) }
    private static let grant = #"{"access_token":"ya29.secret","expires_in":3599,"token_type":"Bearer"}"#
    private static let name = #"{"name":"projects/demo-app/messages/1"}"#

    private static func isGrant(_ request: HTTPRequest) -> Bool { request.url.hasSuffix("/token") }

    @Test func `fifty messages that come at once ask for one token`() async throws {
        let time = time
        let carrier = ScriptedCarrier { request, _ in
            guard Self.isGrant(request) else { return .status(200, Self.name) }
            // Each message reads the clock twice before it waits for the token, the grant once.
            await time.read(times: 101)
            return .status(200, Self.grant)
        }
        let factory = try Fixture.factory(carrier, time)
        let lanes = [try factory.make(Fixture.fcm()), try factory.make(Fixture.fcm())]
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<50 {
                group.addTask {
                    let outcomes = await lanes[index % 2].send([hello], deadline: deadline)
                    #expect(outcomes.map(\.verdict) == [.accepted])
                }
            }
        }
        #expect(carrier.sent.count { Self.isGrant($0.request) } == 1)
        #expect(carrier.sent.count { $0.request[header: "authorization"] == "Bearer ya29.secret" } == 50)
        #expect(Set(carrier.sent.map(\.group.name)) == ["fcm", "oauth/https://oauth2.googleapis.com"])
    }

    @Test func `the grant is asked for with an RS256 assertion`() async throws {
        let carrier = ScriptedCarrier { request, _ in .status(200, Self.isGrant(request) ? Self.grant : Self.name) }
        let outcomes = try await Fixture.factory(carrier, time).make(Fixture.fcm()).send([hello], deadline: deadline)
        #expect(outcomes.first?.providerMessageID == "projects/demo-app/messages/1")
        let request = try #require(carrier.sent.first?.request)
        #expect(request[header: "content-type"] == "application/x-www-form-urlencoded")
        let prefix = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="
        #expect(request.text.hasPrefix(prefix))
        let jwt = try #require(DecodedToken(request.text.dropFirst(prefix.count)))
        #expect(jwt.header == ["alg": "RS256", "typ": "JWT", "kid": "0123abcd"])
        #expect(jwt.claims["iss"] == "push@demo-app.iam.gserviceaccount.com" && jwt.claims["aud"] == "https://oauth2.googleapis.com/token")
        #expect(jwt.claims["scope"] == "https://www.googleapis.com/auth/firebase.messaging")
        let issued = try #require(jwt.claims["iat"]?.integer)
        let expires = try #require(jwt.claims["exp"]?.integer)
        #expect(issued <= Fixture.now.seconds && expires - issued <= 3_600 && expires > Fixture.now.seconds)
        let signature = _RSA.Signing.RSASignature(rawRepresentation: jwt.signature)
        #expect(Fixture.rsaKey.publicKey.isValidSignature(signature, for: SHA256.hash(data: jwt.signed), padding: .insecurePKCS1v1_5))
    }

    @Test func `a 401 throws the token away once, then the credential is at fault`() async throws {
        let carrier = ScriptedCarrier { request, _ in Self.isGrant(request) ? .status(200, Self.grant) : .status(401, "ya29.secret for abc:def") }
        let provider = try Fixture.factory(carrier, time).make(Fixture.fcm())
        let first = await provider.send([hello], deadline: deadline)
        #expect(first.map(\.verdict) == [.refreshed(afterwards: .credentialRefused)])
        #expect(first.first?.detail?.contains("ya29.secret") == false && first.first?.detail?.contains("abc:def") == false)
        #expect(await provider.send([hello], deadline: deadline).map(\.verdict) == [.credentialRefused])
        #expect(carrier.sent.count { Self.isGrant($0.request) } == 2)
    }

    @Test func `a refused key of Apple's leaves our token alone`() async throws {
        let body =
            #"{"error":{"status":"UNAUTHENTICATED","details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"THIRD_PARTY_AUTH_ERROR"}]}}"#
        let carrier = ScriptedCarrier { request, _ in Self.isGrant(request) ? .status(200, Self.grant) : .status(401, body) }
        let provider = try Fixture.factory(carrier, time).make(Fixture.fcm())
        _ = await provider.send([hello, hello, hello], deadline: deadline)
        #expect(carrier.sent.count { Self.isGrant($0.request) } == 1)
    }

    @Test func `a project without an APNs key pauses the lane, unless its Android devices take messages`() async throws {
        let refusal = #"{"error":{"details":[{"@type":"x/google.firebase.fcm.v1.FcmError","errorCode":"THIRD_PARTY_AUTH_ERROR"}]}}"#
        let carrier = ScriptedCarrier { request, _ in
            if Self.isGrant(request) { return .status(200, Self.grant) }
            return request.json?["message"]?["token"] == "iphone" ? .status(401, refusal) : .status(200, Self.name)
        }
        let provider = try Fixture.factory(carrier, time).make(Fixture.fcm())
        let iphone = Fixture.message(to: "iphone", platform: .ios, Content(title: "Hi"))
        let android = Fixture.message(to: "android", platform: .android, Content(title: "Hi"))
        let wait = Verdict.deferred(Wait(floor: .seconds(15 * 60)))
        let outcomes = await provider.send([iphone, iphone, android, iphone], deadline: deadline)
        #expect(outcomes.map(\.verdict) == [.credentialRefused, .credentialRefused, .accepted, wait])
        #expect(outcomes[3].rule == "fcm.local.platform_refused")
        let sent = carrier.sent.count
        time.advance(FCMPlatforms.pause)
        #expect(
            await provider.send([iphone], deadline: deadline + .seconds(600)).map(\.rule) == ["fcm.401.THIRD_PARTY_AUTH_ERROR.other_platform_works"])
        #expect(carrier.sent.count == sent + 1)
    }

    @Test func `a refused grant is every waiting message's outcome, and is not asked for again at once`() async throws {
        let carrier = ScriptedCarrier { _, _ in .status(400, #"{"error":"invalid_grant","error_description":"Invalid JWT Signature."}"#) }
        let provider = try Fixture.factory(carrier, time).make(Fixture.fcm())
        let outcomes = await provider.send([hello, hello], deadline: deadline)
        #expect(outcomes.map(\.verdict) == [.credentialRefused, .credentialRefused])
        #expect(outcomes.map(\.rule) == ["fcm.grant.invalid_grant", "fcm.grant.invalid_grant"])
        #expect(carrier.sent.count == 1)
        time.advance(.seconds(1))
        _ = await provider.send([hello], deadline: deadline)
        #expect(carrier.sent.count == 2)
    }

    @Test func `a token endpoint that does not answer is a reason to wait, even if the question went out`() async throws {
        let carrier = ScriptedCarrier { _, _ in .unknown(TransportFailure(kind: .timeout, message: "Timeout was reached", code: 28)) }
        let outcome = try #require(await Fixture.factory(carrier, time).make(Fixture.fcm()).send([hello], deadline: deadline).first)
        #expect(outcome.verdict == .deferred(Wait()))
        #expect(outcome.rule == "fcm.grant.not_sent.timeout" && outcome.blamesProvider)
    }

    @Test func `a message that can't be sent does not wait for a token`() async throws {
        let carrier = ScriptedCarrier { _, _ in .status(500) }
        let bad = Fixture.message(to: "abc:def", Content(data: ["from": "x"]))
        let outcome = try #require(await Fixture.factory(carrier, time).make(Fixture.fcm()).send([bad], deadline: deadline).first)
        #expect(outcome.verdict == .rejected && outcome.rule == "fcm.local.reserved_data_key")
        #expect(carrier.sent.isEmpty)
    }
}
