import Crypto
import Domain
import Foundation
import Testing

@testable import Providers

struct ProviderTokenTests {
    private let start = Fixture.now

    @Test func `a token is kept for 48 minutes and then made anew`() {
        var schedule = ProviderTokenSchedule()
        #expect(schedule.needsToken(now: start))
        #expect(schedule.issue(now: start) == 1)
        #expect(!schedule.needsToken(now: start))
        #expect(!schedule.needsToken(now: start + .seconds(48 * 60 - 1)))
        #expect(schedule.needsToken(now: start + .seconds(48 * 60)))
        #expect(schedule.issue(now: start + .seconds(48 * 60)) == 2)
        #expect(!schedule.needsToken(now: start + .seconds(60 * 60)))
    }

    @Test func `a clock that is set back does not leave a token from the future in use`() {
        var schedule = ProviderTokenSchedule()
        _ = schedule.issue(now: start)
        #expect(schedule.needsToken(now: start - .seconds(1)))
    }

    @Test func `a token that APNs calls expired is replaced once, whatever its age, and then not for 20 minutes`() {
        var schedule = ProviderTokenSchedule()
        _ = schedule.issue(now: start)
        let soon = start + .seconds(30)
        #expect(schedule.expired(1, now: soon) == .tryAgain)
        #expect(schedule.needsToken(now: soon))
        // Others that were in flight with the old token find that it is being dealt with.
        #expect(schedule.expired(1, now: soon) == .tryAgain)
        #expect(schedule.issue(now: soon) == 2)
        #expect(schedule.expired(1, now: soon + .seconds(1)) == .tryAgain)
        #expect(!schedule.needsToken(now: soon + .seconds(1)))
        #expect(schedule.expired(2, now: soon + .seconds(2)) == .giveUp)
        #expect(!schedule.needsToken(now: soon + .seconds(2)))
        #expect(schedule.expired(2, now: soon + .seconds(20 * 60 - 1)) == .giveUp)
        #expect(schedule.expired(2, now: soon + .seconds(20 * 60)) == .tryAgain)
        #expect(schedule.needsToken(now: soon + .seconds(20 * 60)))
    }

    @Test func `the token is an ES256 JWT with raw signature and an issue time that is past`() throws {
        let key = APNsSigningKey(key: Fixture.ecKey, keyID: "KEY1234567", teamID: "TEAM123456")
        let cache = ProviderTokenCache(key: key)
        let token = try cache.token(now: start)
        #expect(token.authorization.hasPrefix("bearer "))
        let jwt = try #require(DecodedToken(token.authorization.dropFirst(7)))
        #expect(jwt.header == ["alg": "ES256", "kid": "KEY1234567"])
        #expect(jwt.claims["iss"] == "TEAM123456")
        let issued = try #require(jwt.claims["iat"]?.integer)
        #expect(issued < start.seconds && issued >= start.seconds - 60)
        #expect(jwt.signature.count == 64)
        let signature = try P256.Signing.ECDSASignature(rawRepresentation: jwt.signature)
        #expect(Fixture.ecKey.publicKey.isValidSignature(signature, for: jwt.signed))
        #expect(try cache.token(now: start + .seconds(47 * 60)).authorization == token.authorization)
        #expect(try cache.token(now: start + .seconds(49 * 60)).authorization != token.authorization)
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("\u{3FF}\u{3FF}", "z7_Pvw"), (">>>???", "Pj4-Pz8_"),
    ])
    func `base64url needs no padding`(text: String, encoded: String) {
        var out: [UInt8] = []
        Base64URL.append(Array(text.utf8), to: &out)
        #expect(String(decoding: out, as: UTF8.self) == encoded)
    }
}
