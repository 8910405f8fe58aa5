import CryptoExtras

/// Google's `POST /token`: a signed assertion for an access token (RFC 7523, "Using OAuth 2.0 for Server to Server Applications").
struct TokenEndpoint: Sendable {
    static let grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    /// What Google's own libraries sign, whatever the token_uri of the account says.
    static let googleAudience = "https://oauth2.googleapis.com/token"
    static let skew: Int64 = 300

    let universe: Universe
    /// The run that the request names; else it is that of the service account.
    let named: World?

    private struct Refusal: Error {
        var error: String
        var description: String
    }

    func answer(_ request: Request) -> Reply {
        guard request.method == "POST" else { return .html(status: 404, "The requested URL was not found on this server.") }
        let account: Account
        let world: World
        let now: Int64
        do throws(Refusal) {
            let jwt = try assertion(in: request)
            guard let found = universe.accounts.byClientEmail(jwt.claims["iss"]?.text ?? "") else {
                throw Refusal(error: "invalid_grant", description: "Invalid grant: account not found")
            }
            account = found
            world = named ?? universe.world(of: account)
            now = world.clock.now()
            try check(jwt, account, nowSeconds: now / 1000)
        } catch {
            (named ?? universe.main).log.count { $0.requests += 1 }
            return Reply(status: 400, json: .object(["error": .string(error.error), "error_description": .string(error.description)]))
        }
        world.log.count { $0.requests += 1 }
        var answer = ScriptedAnswer()
        if let scripted = world.scripts.answer(.fcm, target: account.clientEmail, stage: .grant, sender: account) {
            if scripted.refuses { return refused(scripted, now: now) }
            answer = scripted
        }
        world.log.count { $0.grants += 1 }
        let token = universe.accessTokens.issue(project: account.project, run: world.name, nowSeconds: now / 1000)
        var reply = Reply(
            status: 200, json: .object(["access_token": .string(token), "expires_in": .int(AccessTokens.lifetime), "token_type": "Bearer"]))
        answer.apply(to: &reply)
        return reply
    }

    private func refused(_ scripted: ScriptedAnswer, now: Int64) -> Reply {
        let error = scripted.reason ?? "internal_failure"
        var reply = Reply(
            status: scripted.status ?? 400, json: .object(["error": .string(error), "error_description": .string("Scripted: \(error)")]),
            headers: scripted.extraHeaders(now: now))
        if let body = scripted.body { reply.body = Array(body.utf8) }
        scripted.apply(to: &reply)
        return reply
    }

    private func assertion(in request: Request) throws(Refusal) -> JWT {
        let fields = FormFields.parse(String(decoding: request.body, as: UTF8.self))
        func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }
        guard request.header("content-type")?.hasPrefix("application/x-www-form-urlencoded") ?? false, field("grant_type") == Self.grantType else {
            throw Refusal(error: "unsupported_grant_type", description: "Invalid grant_type: \(field("grant_type") ?? "")")
        }
        guard let jwt = field("assertion").flatMap({ JWT($0) }) else {
            throw Refusal(error: "invalid_grant", description: "Bad Request: the assertion is no JWT")
        }
        return jwt
    }

    private func check(_ jwt: JWT, _ account: Account, nowSeconds: Int64) throws(Refusal) {
        try checkSignature(jwt, of: account)
        try checkTimes(jwt, nowSeconds: nowSeconds)
        let audience = jwt.claims["aud"]?.text ?? ""
        guard audience == Self.googleAudience || audience == universe.tokenURI else {
            throw Refusal(error: "invalid_grant", description: "Invalid JWT: Failed audience check. The right audience is \(universe.tokenURI)")
        }
        let scopes = Set((jwt.claims["scope"]?.text ?? "").split(separator: " ").map(String.init))
        guard !scopes.isDisjoint(with: ServiceAccount.scopes) else {
            throw Refusal(error: "invalid_scope", description: "Invalid OAuth scope or ID token audience provided.")
        }
    }

    private func checkSignature(_ jwt: JWT, of account: Account) throws(Refusal) {
        guard jwt.header["alg"]?.text == "RS256" else { throw Refusal(error: "invalid_grant", description: "Invalid JWT: alg must be RS256") }
        let signature = _RSA.Signing.RSASignature(rawRepresentation: jwt.signature)
        let isSigned = account.serviceKeys(jwt.header["kid"]?.text).contains {
            $0.publicKey.isValidSignature(signature, for: jwt.signed, padding: .insecurePKCS1v1_5)
        }
        guard isSigned else { throw Refusal(error: "invalid_grant", description: "Invalid JWT Signature.") }
    }

    private func checkTimes(_ jwt: JWT, nowSeconds: Int64) throws(Refusal) {
        guard let issued = jwt.claims["iat"]?.integer, let expires = jwt.claims["exp"]?.integer, expires > issued, expires - issued <= 3600,
            issued <= nowSeconds + Self.skew, expires > nowSeconds - Self.skew
        else {
            throw Refusal(
                error: "invalid_grant",
                description: "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
                    + "Check your iat and exp values in the JWT claim.")
        }
    }
}
