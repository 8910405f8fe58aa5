import CryptoExtras

/// Google's `POST /token`: a signed assertion for an access token (RFC 7523, "Using OAuth 2.0 for Server to Server Applications").
struct TokenEndpoint: Sendable {
    static let grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    /// What Google's own libraries sign, whatever the token_uri of the account says.
    static let googleAudience = "https://oauth2.googleapis.com/token"
    static let skew: Int64 = 300

    let world: World

    private struct Refusal: Error {
        var error: String
        var description: String
    }

    func answer(_ request: Request) -> Reply {
        let nowSeconds = world.clock.now() / 1000
        guard request.method == "POST" else { return .html(status: 404, "The requested URL was not found on this server.") }
        do {
            try check(request, nowSeconds: nowSeconds)
        } catch {
            return Reply(status: 400, json: .object(["error": .string(error.error), "error_description": .string(error.description)]))
        }
        var fault: Fault?
        var delay = Duration.zero
        if let scripted = world.scripts.answer(.fcm, target: world.credentials.fcm.clientEmail, stage: .grant) {
            delay = scripted.delay
            fault = scripted.fault
            if scripted.refuses { return refused(scripted) }
        }
        world.log.count { $0.grants += 1 }
        let token = world.accessTokens.issue(nowSeconds: nowSeconds)
        var reply = Reply(
            status: 200, json: .object(["access_token": .string(token), "expires_in": .int(AccessTokens.lifetime), "token_type": "Bearer"]))
        reply.delay = delay
        reply.fault = fault
        return reply
    }

    private func refused(_ scripted: ScriptedAnswer) -> Reply {
        var headers = scripted.headers.map { (name: $0.key.lowercased(), value: $0.value) }
        if let retryAfter = scripted.retryAfter { headers.append(("retry-after", retryAfter)) }
        let error = scripted.reason ?? "internal_failure"
        var reply = Reply(
            status: scripted.status ?? 400, json: .object(["error": .string(error), "error_description": .string("Scripted: \(error)")]),
            headers: headers)
        if let body = scripted.body { reply.body = Array(body.utf8) }
        reply.delay = scripted.delay
        reply.fault = scripted.fault
        return reply
    }

    private func check(_ request: Request, nowSeconds: Int64) throws(Refusal) {
        let fields = FormFields.parse(String(decoding: request.body, as: UTF8.self))
        func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }
        guard request.header("content-type")?.hasPrefix("application/x-www-form-urlencoded") ?? false, field("grant_type") == Self.grantType else {
            throw Refusal(error: "unsupported_grant_type", description: "Invalid grant_type: \(field("grant_type") ?? "")")
        }
        guard let jwt = field("assertion").flatMap({ JWT($0) }) else {
            throw Refusal(error: "invalid_grant", description: "Bad Request: the assertion is no JWT")
        }
        try checkIssuer(jwt)
        try checkTimes(jwt, nowSeconds: nowSeconds)
        let audience = jwt.claims["aud"]?.text ?? ""
        guard audience == Self.googleAudience || audience == world.tokenURI else {
            throw Refusal(error: "invalid_grant", description: "Invalid JWT: Failed audience check. The right audience is \(world.tokenURI)")
        }
        let scopes = Set((jwt.claims["scope"]?.text ?? "").split(separator: " ").map(String.init))
        guard !scopes.isDisjoint(with: ServiceAccount.scopes) else {
            throw Refusal(error: "invalid_scope", description: "Invalid OAuth scope or ID token audience provided.")
        }
    }

    private func checkIssuer(_ jwt: JWT) throws(Refusal) {
        let account = world.credentials.fcm
        guard jwt.header["alg"]?.text == "RS256" else { throw Refusal(error: "invalid_grant", description: "Invalid JWT: alg must be RS256") }
        guard jwt.claims["iss"]?.text == account.clientEmail else {
            throw Refusal(error: "invalid_grant", description: "Invalid grant: account not found")
        }
        let signature = _RSA.Signing.RSASignature(rawRepresentation: jwt.signature)
        guard jwt.header["kid"] == nil || jwt.header["kid"]?.text == account.keyID,
            account.publicKey.isValidSignature(signature, for: jwt.signed, padding: .insecurePKCS1v1_5)
        else { throw Refusal(error: "invalid_grant", description: "Invalid JWT Signature.") }
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
