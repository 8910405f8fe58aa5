import Domain
import Logging
import Testing

@testable import API

/// Which JWTs are believed.
struct TokenTests {
    private static let forge = TokenForge.shared
    private static let start = Timestamp(seconds: 1_774_339_200)
    private static let claims: JSONObject = [
        "iss": "https://id.example.org", "aud": "hermod", "sub": "service-1", "org_id": "org_a", "roles": ["coordinator", "reader"],
        "exp": 1_774_339_500,
    ]

    private func verifier(
        secret: Bool = true, keys: JSON? = nil, hasKeys: Bool = true, issuer: String? = "https://id.example.org", audience: String? = "hermod",
        time: MovableTime = MovableTime(start)
    ) async throws -> TokenVerifier {
        let document = try keys ?? Self.forge.jwks()
        return try await TokenVerifier(
            .init(
                secret: secret ? Self.forge.secret : nil, source: hasKeys ? MemoryKeySet(document).source(.test) : nil, issuer: issuer,
                audience: audience), time: time, logger: Logger(label: "test"))
    }

    private func refusal(_ token: String, by verifier: TokenVerifier) async throws -> String {
        do {
            let claims = try await verifier.claims(of: token)
            return "accepted: \(claims)"
        } catch let refusal as TokenRefusal {
            return refusal.detail
        }
    }

    private static func with(_ changes: JSONObject) -> JSONObject {
        var claims = claims
        for change in changes.members { claims[change.key] = change.value }
        return claims
    }

    private static func without(_ name: String) -> JSONObject {
        var claims = claims
        claims[name] = nil
        return claims
    }

    @Test(
        arguments: [
            (["alg": "HS256", "typ": "JWT"], .secret), (["alg": "HS256", "kid": "any"], .secret),
            (["alg": "RS256", "kid": "rsa-1", "typ": "at+jwt"], .rsa), (["alg": "ES256", "kid": "ec-1", "typ": "application/JWT"], .ec),
            (["alg": "RS256"], .rsa), (["alg": "ES256"], .ec),
        ] as [(JSONObject, TokenForge.Key)])
    func `a good token is believed, whichever way it is signed`(header: JSONObject, key: TokenForge.Key) async throws {
        let token = try await Self.forge.token(header, Self.claims, signedWith: key)
        let claims = try await verifier().claims(of: token)
        #expect(claims == .init(subject: "service-1", issuer: "https://id.example.org", orgID: "org_a", roles: [.coordinator]))
    }

    @Test(
        arguments: [
            (["alg": "none"], .nothing, "algorithm is not accepted"),
            (["alg": "None"], .nothing, "algorithm is not accepted"),
            (["alg": "HS512"], .secret, "algorithm is not accepted"),
            (["alg": "RS512", "kid": "rsa-1"], .rsa, "algorithm is not accepted"),
            (["typ": "JWT"], .secret, "algorithm is not accepted"),
            (["alg": 256], .secret, "algorithm is not accepted"),
            // Signed with what everybody knows, under the name of a secret.
            (["alg": "HS256", "kid": "rsa-1"], .publicKeyAsSecret, "signature does not fit"),
            (["alg": "HS256"], .nothing, "signature does not fit"),
            (["alg": "RS256", "kid": "rsa-1"], .ec, "signature does not fit"),
            (["alg": "RS256", "kid": "rsa-1"], .nothing, "signature does not fit"),
            (["alg": "ES256", "kid": "ec-1"], .rsa, "signature does not fit"),
            // A key of the other kind under the right name.
            (["alg": "ES256", "kid": "rsa-1"], .ec, "key (kid) that is not known here"),
            (["alg": "RS256", "kid": "rsa-2"], .rsa, "key (kid) that is not known here"),
            (["alg": "RS256", "kid": 1], .rsa, "kid is not a string"),
            (["alg": "HS256", "crit": ["exp"]], .secret, "extensions (crit)"),
            (["alg": "HS256", "typ": "logout+jwt"], .secret, "typ is neither"),
            (["alg": "HS256", "typ": 1], .secret, "typ is neither"),
        ] as [(JSONObject, TokenForge.Key, String)])
    func `a header that is not to be believed is refused`(header: JSONObject, key: TokenForge.Key, reason: String) async throws {
        let token = try await Self.forge.token(header, Self.claims, signedWith: key)
        let refusal = try await refusal(token, by: verifier())
        #expect(refusal.contains(reason), "\(refusal)")
        #expect(!refusal.contains("service-1"))
    }

    @Test(
        arguments: [
            (without("exp"), "lacks the claim exp"), (with(["exp": "1774339500"]), "exp is not a time"),
            (with(["exp": 1e300.json]), "exp is not a time"),
            (with(["exp": 1_774_339_140]), "has expired"), (with(["exp": 0]), "has expired"), (with(["exp": -5]), "has expired"),
            (with(["nbf": 1_774_339_261]), "not valid yet"), (with(["nbf": "now"]), "nbf is not a time"),
            (without("iss"), "another issuer"), (with(["iss": "https://id.example.org/"]), "another issuer"),
            (with(["iss": 1]), "iss is not a string"),
            (without("aud"), "another audience"), (with(["aud": "other"]), "another audience"), (with(["aud": ["a", "b"]]), "another audience"),
            (with(["aud": ["hermod", 1]]), "aud is neither"), (with(["aud": nil]), "aud is neither"),
            (without("sub"), "lacks the claim sub"), (with(["sub": ""]), "sub is not a string"), (with(["sub": "a\nb"]), "sub is not a string"),
            (with(["org_id": ["org_a"]]), "org_id is not a string"), (with(["roles": 1]), "roles are neither"),
            (with(["roles": ["x", 1]]), "roles are neither"),
        ] as [(JSONObject, String)])
    func `claims that are missing, wrong or past are refused`(claims: JSONObject, reason: String) async throws {
        let token = try await Self.forge.token(["alg": "HS256"], claims, signedWith: .secret)
        let refusal = try await refusal(token, by: verifier())
        #expect(refusal.contains(reason), "\(refusal)")
    }

    @Test func `clocks may be a minute apart and no more`() async throws {
        let time = MovableTime(Self.start)
        let verifier = try await verifier(time: time)
        let ending = try await Self.forge.token(["alg": "HS256"], Self.with(["exp": 1_774_339_200]), signedWith: .secret)
        _ = try await verifier.claims(of: ending)
        time.advance(by: .milliseconds(59_999))
        _ = try await verifier.claims(of: ending)
        time.advance(by: .milliseconds(1))
        #expect(try await refusal(ending, by: verifier).contains("has expired"))
        let beginning = try await Self.forge.token(
            ["alg": "HS256"], Self.with(["nbf": 1_774_339_320, "exp": 1_774_339_400.5.json]), signedWith: .secret)
        _ = try await verifier.claims(of: beginning)
    }

    @Test(arguments: ["coordinator org_admin", "  org_admin  coordinator "])
    func `roles may be one string`(roles: String) async throws {
        let token = try await Self.forge.token(["alg": "HS256"], Self.with(["roles": .string(roles)]), signedWith: .secret)
        #expect(try await verifier().claims(of: token).roles == [.coordinator, .orgAdmin])
    }

    @Test func `a gateway without a name takes only tokens that are addressed to nobody`() async throws {
        let verifier = try await verifier(issuer: nil, audience: nil)
        _ = try await verifier.claims(of: Self.forge.token(["alg": "HS256"], Self.without("aud"), signedWith: .secret))
        let addressed = try await Self.forge.token(["alg": "HS256"], Self.claims, signedWith: .secret)
        #expect(try await refusal(addressed, by: verifier).contains("auth.jwt.audience"))
    }

    @Test func `only what is configured is accepted, whatever the token asks for`() async throws {
        let rsa = try await Self.forge.token(["alg": "RS256", "kid": "rsa-1"], Self.claims, signedWith: .rsa)
        let hmac = try await Self.forge.token(["alg": "HS256"], Self.claims, signedWith: .secret)
        let confused = try await Self.forge.token(["alg": "HS256", "kid": "rsa-1"], Self.claims, signedWith: .publicKeyAsSecret)
        #expect(try await refusal(rsa, by: verifier(hasKeys: false)).contains("accepted: HS256"))
        #expect(try await refusal(hmac, by: verifier(secret: false)).contains("accepted: RS256, ES256"))
        #expect(try await refusal(confused, by: verifier(secret: false)).contains("accepted: RS256, ES256"))
    }

    @Test func `what is no token is refused`() async throws {
        let verifier = try await verifier()
        let good = try await Self.forge.token(["alg": "HS256"], Self.claims, signedWith: .secret)
        let parts = good.split(separator: ".").map(String.init)
        for (text, reason) in [
            ("a", "three parts"), ("a.b.c.d.e", "three parts"), ("..", "header is not"), ("eyJ9.e30.", "header is not"),
            ("\(parts[0]).\(parts[1])=.\(parts[2])", "is not base64url"), ("\(parts[0]).\(parts[1]).\(parts[2])+", "is not base64url"),
            ("\(parts[0]).e30.\(parts[2])", "signature does not fit"), (String(repeating: "a", count: 8_193), "longer than"),
        ] {
            let refusal = try await refusal(text, by: verifier)
            #expect(refusal.contains(reason), "\(refusal)")
        }
        let twice = try await Self.forge.token(#"{"alg": "HS256", "alg": "none"}"#, JSON.object(Self.claims).text, signedWith: .secret)
        #expect(try await refusal(twice, by: verifier).contains("header is not"))
        let text = JSON.object(Self.claims).text
        let twiceBelow = try await Self.forge.token(#"{"alg": "HS256"}"#, text.dropLast() + #","roles":"global_admin"}"#, signedWith: .secret)
        #expect(try await refusal(twiceBelow, by: verifier).contains("distinct names"))
    }
}

struct Base64URLTests {
    @Test(arguments: [[], [0], [0, 1], [0, 1, 2], [255, 254, 253, 252], Array(0...255)] as [[UInt8]])
    func `what is encoded is decoded`(bytes: [UInt8]) {
        #expect(Base64URL.decode(Array(TokenForge.encode(bytes).utf8)) == bytes)
    }

    @Test(arguments: ["A", "AB", "AAB", "AA==", "A A", "AA\n", "+/AA", "AAAAA"])
    func `there is one text for every value, and no other`(text: String) {
        #expect(Base64URL.decode(Array(text.utf8)) == nil)
    }
}

extension Double {
    fileprivate var json: JSON { .number("\(self)") }
}
