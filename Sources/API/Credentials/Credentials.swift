import DeliveryEngine
import Domain
import HTTPTypes
import Hummingbird
import Logging
import Settings
import Storage
import Vault

/// `/api/v1/orgs/:org/credentials`: what an org sends with, set, shown without its secrets, verified, rotated and removed.
struct Credentials: Sendable {
    static let path = "/api/v1/orgs/:org/credentials"
    static let one = path + "/:provider/:name"
    /// Those of all orgs that the caller sees.
    static let everywhere = "/api/v1/credentials"
    /// A .p12 with its chain has some ten thousand bytes; base64 and a few DKIM keys beside it are far from this.
    static let bodyLimit = 262_144
    /// How long providers may take to answer a verification.
    static let patience: Duration = .seconds(25)

    let desk: CredentialDesk
    let engine: DeliveryEngine
    let tree: any CredentialDirectory
    let time: any TimeSource
    let logger: Logger

    /// - Parameter isOpenToAnyone: whether who sends no credential may set and see them, as on loopback in open mode.
    func add(to routes: Routes, isOpenToAnyone: Bool) {
        let access = isOpenToAnyone ? Access.role(.orgAdmin, .globalAdmin) : .always(.orgAdmin, .globalAdmin)
        routes.on(.get, Self.everywhere, access: access, use: listAll)
        routes.on(.get, Self.path, access: access, use: list)
        routes.on(.put, Self.one, access: access, use: set)
        routes.on(.delete, Self.one, access: access, use: remove)
        routes.on(.post, Self.one + "/rotate", access: access, use: rotate)
        routes.on(.post, Self.one + "/verify", access: access, use: verify)
        routes.on(.delete, Self.one + "/previous", access: access, use: removePrevious)
    }

    // MARK: Lists

    private func listAll(_ request: Request, _ context: CallContext) async throws -> Answer {
        var query = QueryReader(request.uri.query)
        let page = PageReader(&query, cursor: .none)
        let org = query.text("org_id")
        try query.check()
        let own = try context.caller.scope
        return answer(desk.book.entries(scope: org.map(own.narrowed) ?? own), page, at: Self.everywhere, query)
    }

    private func list(_ request: Request, _ context: CallContext) async throws -> Answer {
        var query = QueryReader(request.uri.query)
        let page = PageReader(&query, cursor: .none)
        try query.check()
        let org = try organisation(context)
        let entries = desk.book.entries(scope: .orgs([org.id]))
        guard org.isKnown || !entries.isEmpty else { throw try unknown(org.id, context) }
        return answer(entries, page, at: Self.path.replacing(":org", with: PercentCoding.encode(org.id)), query)
    }

    /// All of them are in memory anyway: there are as many as somebody has set.
    private func answer(_ entries: [CredentialEntry], _ page: PageReader, at path: String, _ query: QueryReader) -> Answer {
        let bounds = page.bounded
        let start = min((bounds.number - 1) * bounds.limit, entries.count)
        let shown = entries[start..<min(start + bounds.limit, entries.count)]
        let listing = Listing(elements: Array(shown), total: entries.count, hasMore: shown.endIndex < entries.count)
        return page.answer(listing, at: path, query: query, id: \.lane.description, entry: { .object(shape.item($0)) })
    }

    private var shape: CredentialShape { CredentialShape(now: time.now, alarms: desk.alarms(), state: { [engine] in engine.state(of: $0) }) }

    // MARK: Changes

    private func set(_ request: Request, _ context: CallContext) async throws -> Answer {
        let place = try place(context)
        let options = try Options(request, "verify")
        let body = try await Body(request, limit: Self.bodyLimit)
        let (credential, facts) = try checked { () throws(CredentialFaults) in
            try CredentialForm.read(body.object, orgID: place.org.id, provider: place.provider, name: place.name)
        }
        if options.flag { try await demand(credential) }
        let caller = try context.caller
        let isNew = !desk.book.entries(of: place.lane).contains { $0.source == .sealed }
        let entry = try await stored(place.lane, "set", caller) { try await desk.book.set(credential, facts: facts, by: caller.actor) }
        return answer(isNew ? .created : .ok, entry, options)
    }

    private func rotate(_ request: Request, _ context: CallContext) async throws -> Answer {
        let place = try place(context)
        let options = try Options(request, "verify")
        let body = try await Body(request, limit: Self.bodyLimit)
        var overlap: Duration?
        var isForced = false
        let (credential, facts) = try checked { () throws(CredentialFaults) in
            let rotation = try CredentialForm.readRotation(body.object, orgID: place.org.id, provider: place.provider, name: place.name)
            (overlap, isForced) = (rotation.overlap, rotation.isForced)
            return rotation.credential
        }
        let current = try sealed(place)
        switch CredentialSuccession(of: current.facts, by: facts, provider: place.provider) {
        case .repetition where current.previous != nil:
            // The answer to the first call was lost: taking the new one for its own predecessor would lose the old one.
            return answer(.ok, current, options)
        case .repetition:
            throw Problem.conflict("This is the credential that is in use already, as version \(current.version): there is nothing to rotate.")
        case .stranger(let differences) where !isForced:
            var faults = Faults()
            for difference in differences { faults.add("/" + difference.field, difference.words) }
            throw Problem.invalid(faults)
        case .stranger, .successor: break
        }
        if options.flag {
            try await demand(credential)
        } else if let alarm = desk.alarms().first(where: { $0.lane == place.lane && $0.kind == .fallback }) {
            // The version that works is the one that a rotation forgets.
            throw Problem.conflict(
                "Deliveries go out with the previous version, which another rotation would forget: \(alarm.message). "
                    + "Set the new credential, or rotate with verify=true (--verify), which lets only one take over that works.")
        }
        let caller = try context.caller
        let entry = try await stored(place.lane, "rotated", caller) {
            try await desk.book.rotate(credential, facts: facts, overlap: overlap, by: caller.actor)
        }
        return answer(.ok, entry, options)
    }

    private func remove(_ request: Request, _ context: CallContext) async throws -> Answer {
        let place = try place(context)
        _ = try sealed(place)
        try await stored(place.lane, "removed", try context.caller) { try await desk.book.remove(place.lane) }
        // Deliveries of the org may now go out with another, or with an ancestor's, which whoever removes one had better know.
        let successor = desk.book.lane(orgID: place.org.id, provider: place.provider, name: nil, app: nil)
        return Answer([
            "deleted": true, "org_id": .string(place.org.id), "provider": .string(place.provider.rawValue), "name": .string(place.name),
            "now": successor.map { ["org_id": .string($0.orgID), "name": .string($0.credential)] } ?? .null,
        ])
    }

    private func removePrevious(_ request: Request, _ context: CallContext) async throws -> Answer {
        let place = try place(context)
        guard try sealed(place).previous != nil else { throw Problem.notFound("previous version: no rotation is under way") }
        try await stored(place.lane, "previous version removed", try context.caller) { try await desk.book.remove(previousOf: place.lane) }
        return Answer(.object(shape.item(try sealed(place))))
    }

    // MARK: Verification

    private func verify(_ request: Request, _ context: CallContext) async throws -> Answer {
        let place = try place(context)
        let options = try Options(request, "dns")
        guard let entry = desk.book.entries(of: place.lane).first(where: { !$0.isShadowed }) else {
            throw Problem.notFound("credential")
        }
        var answer: Answer
        if let versions = desk.book.versions(of: place.lane) {
            let deadline = time.now + Self.patience
            async let current = desk.verifier.verify(versions.current, dns: options.flag, deadline: deadline)
            async let previous = verification(of: versions.previous, dns: options.flag, deadline: deadline)
            answer = Answer(
                shape.verification(
                    entry, (versions.currentVersion, await current), previous: await previous.map { (versions.previousVersion ?? 1, $0) }))
        } else {
            // What can't be opened here is asked about nowhere.
            answer = Answer(shape.verification(entry, (entry.version, .unusable(entry.fault ?? "it can't be read")), previous: nil))
        }
        answer.warn(ofUnknown: options.unknown)
        return answer
    }

    private func verification(of credential: Credential?, dns: Bool, deadline: Timestamp) async -> CredentialVerification? {
        guard let credential else { return nil }
        return await desk.verifier.verify(credential, dns: dns, deadline: deadline)
    }

    /// Ends the request unless the provider takes the credential.
    private func demand(_ credential: Credential) async throws {
        let verification = await desk.verifier.verify(credential, dns: false, deadline: time.now + Self.patience)
        guard verification.verdict != .works else { return }
        var faults = Faults()
        let remedy = verification.verdict == .refused ? "" : " Without verify=true it is stored unasked."
        faults.add("", "\(verification.summary) Nothing was stored.\(remedy)")
        throw Problem.invalid(faults)
    }
}

// MARK: - What a request is about

extension Credentials {
    private struct Place {
        var org: (id: String, isKnown: Bool)
        var provider: ProviderName
        var name: String

        var lane: LaneKey { LaneKey(orgID: org.id, provider: provider, credential: name) }
    }

    /// A query with one flag in it.
    private struct Options {
        var flag: Bool
        var unknown: [String]

        init(_ request: Request, _ name: String) throws {
            var query = QueryReader(request.uri.query)
            flag = query.boolean(name) ?? false
            try query.check()
            unknown = query.unknown
        }
    }

    private func place(_ context: CallContext) throws -> Place {
        let org = try organisation(context)
        let word = try context.segment("provider")
        guard let provider = ProviderName.credentialed.first(where: { $0.rawValue == word }) else {
            let words = ProviderName.credentialed.map(\.rawValue).joined(separator: ", ")
            throw Problem.notFound("provider with credentials: they are \(words)")
        }
        return Place(org: org, provider: provider, name: try context.segment("name"))
    }

    /// The org of the path, where the caller may see it. One that nobody has heard of may still be where some of its callers belong: who is let in by a
    /// token need not be in the directory.
    private func organisation(_ context: CallContext) throws -> (id: String, isKnown: Bool) {
        let id = try context.segment("org")
        let caller = try context.caller
        guard caller.scope.contains(id), SettingKind<String>.identifier.reads(id) else { throw Problem.notFound("organisation") }
        return (id, id == caller.orgID || tree.organisations.contains { $0.id == id })
    }

    /// A slip of the fingers is told as one, as far as the caller may see.
    private func unknown(_ org: String, _ context: CallContext) throws(Problem) -> Problem {
        let scope = try context.caller.scope
        let known = tree.organisations.lazy.map(\.id).filter(scope.contains)
        return SettingsText.nearest(to: org, among: known).map {
            Problem(.notFound, "not-found", "Not found", "There is no organisation \(org); did you mean \($0)?")
        }
            ?? .notFound("organisation")
    }

    /// What the database has under that name; a file's is for whoever has the file.
    private func sealed(_ place: Place) throws(Problem) -> CredentialEntry {
        let entries = desk.book.entries(of: place.lane)
        if let entry = entries.first(where: { $0.source == .sealed }) { return entry }
        guard case .file(let file) = entries.first?.source else { throw .notFound("credential") }
        throw .conflict("The credential is declared by the org file \(file): change it there, the file goes first.")
    }

    /// The form's faults, or else the inspector's: everything that can be found out without sending.
    private func checked(_ read: () throws(CredentialFaults) -> Credential) throws(Problem) -> (Credential, CredentialFacts) {
        do throws(CredentialFaults) {
            let credential = try read()
            return (credential, try desk.inspector.inspect(credential, now: time.now))
        } catch {
            throw .invalid(Faults(error))
        }
    }

    /// Makes a change, and notes who did it. Those who send with it have been told by the book before it returns.
    private func stored<Outcome>(_ lane: LaneKey, _ what: String, _ caller: Caller, _ change: () async throws -> Outcome) async throws -> Outcome {
        let outcome: Outcome
        do {
            outcome = try await change()
        } catch let fault as VaultFault {
            throw fault == .notFound ? Problem.notFound("credential") : Problem.conflict(fault.description)
        }
        logger.notice("credential \(what)", metadata: ["lane": "\(lane)", "by": "\(caller.actor ?? "-")"])
        return outcome
    }

    private func answer(_ status: HTTPResponse.Status, _ entry: CredentialEntry, _ options: Options) -> Answer {
        var answer = Answer(status, .object(shape.item(entry)))
        answer.warn(ofUnknown: options.unknown)
        return answer
    }
}

extension CredentialVerification {
    fileprivate static func unusable(_ fault: String) -> CredentialVerification {
        CredentialVerification(verdict: .refused, summary: fault, steps: [Step("open", .refused, fault)])
    }
}

extension Faults {
    init(_ credential: CredentialFaults) {
        self.init()
        for fault in credential.faults {
            add("/" + fault.field, fault.remedy.isEmpty ? fault.message : "\(fault.message). \(fault.remedy)")
        }
    }
}
