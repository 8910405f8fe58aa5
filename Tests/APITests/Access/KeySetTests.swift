import Domain
import HTTPTypes
import Logging
import Testing

@testable import API

struct KeySetScheduleTests {
    private static let start = Timestamp(seconds: 1_000_000)
    private let pace = KeySetPace(refresh: .seconds(300), renewal: .seconds(3_600), interval: .seconds(30))

    @Test func `the first token waits for the first reading, and so do those that come meanwhile`() {
        var schedule = KeySetSchedule(pace: pace)
        #expect(schedule.step(now: Self.start) == .wait)
        #expect(schedule.step(now: Self.start + .seconds(1)) == .wait)
        schedule.ended(isRead: true, now: Self.start + .seconds(2))
        #expect(schedule.step(now: Self.start + .seconds(3)) == .use)
    }

    @Test func `a reading that failed is not tried again at once`() {
        var schedule = KeySetSchedule(pace: pace)
        _ = schedule.step(now: Self.start)
        schedule.ended(isRead: false, now: Self.start + .seconds(5))
        #expect(schedule.step(now: Self.start + .seconds(29)) == .unavailable)
        #expect(schedule.step(now: Self.start + .seconds(30)) == .wait)
    }

    @Test func `old keys are renewed meanwhile, very old ones before they are used, and stay when that fails`() {
        var schedule = KeySetSchedule(pace: pace)
        _ = schedule.step(now: Self.start)
        schedule.ended(isRead: true, now: Self.start)
        #expect(schedule.step(now: Self.start + .seconds(299)) == .use)
        #expect(schedule.step(now: Self.start + .seconds(300)) == .useAndRead)
        #expect(schedule.step(now: Self.start + .seconds(301)) == .use)
        schedule.ended(isRead: false, now: Self.start + .seconds(305))
        #expect(schedule.step(now: Self.start + .seconds(3_600)) == .wait)
        schedule.ended(isRead: false, now: Self.start + .seconds(3_605))
        #expect(schedule.step(now: Self.start + .seconds(3_606)) == .use)
    }

    @Test func `a missed key is looked for, but not more often than the pace allows`() {
        var schedule = KeySetSchedule(pace: pace)
        _ = schedule.step(now: Self.start)
        schedule.ended(isRead: true, now: Self.start)
        #expect(schedule.step(now: Self.start + .seconds(29), isMissed: true) == .use)
        #expect(schedule.step(now: Self.start + .seconds(30), isMissed: true) == .wait)
        #expect(schedule.step(now: Self.start + .seconds(31)) == .use)
        #expect(schedule.step(now: Self.start + .seconds(31), isMissed: true) == .wait)
        schedule.ended(isRead: true, now: Self.start + .seconds(32))
        #expect(schedule.step(now: Self.start + .seconds(33), isMissed: true) == .use)
    }

    @Test func `a clock that was set back makes keys old, not young`() {
        var schedule = KeySetSchedule(pace: pace)
        _ = schedule.step(now: Self.start)
        schedule.ended(isRead: true, now: Self.start)
        #expect(schedule.step(now: Self.start - .seconds(100)) == .wait)
    }
}

struct KeySetTests {
    private static let forge = TokenForge.shared
    private static let claims: JSONObject = ["sub": "s", "org_id": "o", "exp": 1_774_400_000]

    private func verifier(_ memory: MemoryKeySet, _ time: MovableTime, _ log: LogLines = LogLines()) async throws -> TokenVerifier {
        try await TokenVerifier(.init(source: memory.source(.test)), time: time, logger: log.logger)
    }

    @Test func `many tokens at once read the key set once`() async throws {
        let memory = MemoryKeySet(try Self.forge.jwks())
        let verifier = try await verifier(memory, MovableTime())
        let token = try await Self.forge.token(["alg": "ES256", "kid": "ec-1"], Self.claims, signedWith: .ec)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { _ = try await verifier.claims(of: token) } }
            try await group.waitForAll()
        }
        #expect(await memory.readings == 1)
    }

    @Test func `a new key is found when the first token names it, at most every interval`() async throws {
        let memory = MemoryKeySet(try Self.forge.jwks(ecID: "old"))
        let time = MovableTime()
        let verifier = try await verifier(memory, time)
        let token = try await Self.forge.token(["alg": "ES256", "kid": "new"], Self.claims, signedWith: .ec)
        await #expect(throws: TokenRefusal.self) { _ = try await verifier.claims(of: token) }
        try await memory.set(Self.forge.jwks(ecID: "new"))
        await #expect(throws: TokenRefusal.self) { _ = try await verifier.claims(of: token) }
        #expect(await memory.readings == 1)
        time.advance(by: .seconds(30))
        _ = try await verifier.claims(of: token)
        #expect(await memory.readings == 2)
        let gone = try await Self.forge.token(["alg": "ES256", "kid": "old"], Self.claims, signedWith: .ec)
        await #expect(throws: TokenRefusal.self) { _ = try await verifier.claims(of: gone) }
    }

    @Test func `while the issuer is silent the known keys go on being used, and what is wrong is told once`() async throws {
        let memory = MemoryKeySet(try Self.forge.jwks())
        let time = MovableTime()
        let log = LogLines()
        let verifier = try await verifier(memory, time, log)
        let token = try await Self.forge.token(["alg": "RS256", "kid": "rsa-1"], Self.claims, signedWith: .rsa)
        _ = try await verifier.claims(of: token)
        #expect(verifier.faults == [])
        await memory.fail(KeySetFault("no answer"))
        for _ in 0..<3 {
            time.advance(by: .seconds(3_600))
            _ = try await verifier.claims(of: token)
        }
        #expect(await verifier.check() == ["keys.json: no answer; the keys read before are kept"])
        #expect(log.all.filter { $0.contains("key set is faulty") }.count == 1)
        await memory.fail(nil)
        time.advance(by: .seconds(3_600))
        #expect(await verifier.check() == [])
        #expect(log.all.filter { $0.contains("in order again") }.count == 1)
    }

    @Test func `without any key nobody is told that their token is bad`() async throws {
        let memory = MemoryKeySet("{}")
        await memory.fail(KeySetFault("no answer"))
        let verifier = try await verifier(memory, MovableTime())
        let token = try await Self.forge.token(["alg": "RS256", "kid": "rsa-1"], Self.claims, signedWith: .rsa)
        for _ in 0..<2 {
            let problem = await #expect(throws: Problem.self) { _ = try await verifier.claims(of: token) }
            #expect(problem?.status.code == 503 && problem?.headers[.retryAfter] != nil)
        }
        #expect(await memory.readings == 1)
    }

    @Test(arguments: [
        ("", "it is no JWKS"), ("[]", "it is no JWKS"), (#"{"keys": 1}"#, "it is no JWKS"), (#"{"keys": []}"#, "no RSA or EC P-256 key"),
        (#"{"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}"#, "keys[0] is no usable public key"),
        (#"{"keys": [{"kty": "RSA"}, 5]}"#, "keys[0] is no usable public key"),
        (#"{"keys": [{"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}]}"#, "keys[0] is no usable public key"),
        (#"{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}"#, "no RSA or EC P-256 key"),
        (#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}]}"#, "no RSA or EC P-256 key"),
    ])
    func `a broken document is told`(text: String, reason: String) async throws {
        let fault = await #expect(throws: KeySetFault.self) { _ = try await KeySet.read(Array(text.utf8)) }
        #expect(fault?.description.contains(reason) == true, "\(String(describing: fault))")
    }

    @Test func `keys for other things are passed over, broken ones are told and the rest is used`() async throws {
        var document = try #require(try Self.forge.jwks()["keys"]?.array)
        var encryption = try #require(document[0].object)
        encryption["use"] = "enc"
        var other = try #require(document[0].object)
        other["alg"] = "PS256"
        var wrapping = try #require(document[1].object)
        wrapping["key_ops"] = ["deriveKey"]
        document += [.object(encryption), .object(other), .object(wrapping), ["kty": "oct", "k": "AAAA"], ["kty": "RSA", "n": "AQAB", "e": "AQAB"]]
        let (keys, faults) = try await KeySet.read(JSON.object(["keys": .array(document)]).bytes)
        #expect(keys.keys.map(\.algorithm) == [.rs256, .es256])
        #expect(keys.keys.map(\.id) == ["rsa-1", "ec-1"])
        #expect(faults.count == 1 && faults[0].hasPrefix("keys[6]"))
    }

    @Test func `a set that is far too large is refused`() async throws {
        let keys = Array(repeating: "{}", count: 101).joined(separator: ",")
        await #expect(throws: KeySetFault.self) { _ = try await KeySet.read(Array("{\"keys\": [\(keys)]}".utf8)) }
    }

    @Test func `a token without a key's name is tried only where there is no choice`() async throws {
        let both = try #require(try Self.forge.jwks(rsaID: nil, ecID: nil)["keys"]?.array)
        let token = try await Self.forge.token(["alg": "ES256"], Self.claims, signedWith: .ec)
        let one = try await verifier(MemoryKeySet(["keys": .array(both)]), MovableTime())
        _ = try await one.claims(of: token)
        let two = try await verifier(MemoryKeySet(["keys": .array(both + [both[1]])]), MovableTime())
        await #expect(throws: TokenRefusal.self) { _ = try await two.claims(of: token) }
    }
}
