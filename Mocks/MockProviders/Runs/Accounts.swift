import Foundation
import Synchronization

/// The accounts that the mock believes in: the main one, those named at the start, and those made by the control API for runs and orgs.
final class Accounts: Sendable {
    static let limit = 1000

    let main: Account

    fileprivate struct State {
        var others: [Account] = []
        var byKeyID: [String: Account] = [:]
        var byTeamID: [String: Account] = [:]
        var byProject: [String: Account] = [:]
        var byClientEmail: [String: Account] = [:]
        var byUsername: [String: Account] = [:]
        var byAccessToken: [String: Account] = [:]
        var numbers = 1
    }

    private let state: Mutex<State>

    init(main credentials: Credentials, named: [Account] = [], directory: URL? = nil) {
        main = Account(run: "", org: nil, credentials: credentials, directory: directory)
        var state = State()
        for account in [main] + named { state.add(account) }
        state.others = named
        self.state = Mutex(state)
    }

    /// What a new account shall have of its own; the rest is made up.
    struct Wishes: Sendable, Hashable {
        var topic: String?
        /// A team that has keys already: Apple lets a team have several.
        var teamID: String?
        /// Where the key may be used; nil is everywhere.
        var environment: APNsEnvironment?
        /// The senders that its mail user may name; empty for any.
        var senders: [String] = []
    }

    /// The account of that run and org: the one made before, else a new one with keys of its own. Nil when there are too many.
    ///
    /// Takes its time for an org, which has an RSA key of its own; a run that is for no org shares that of the main account.
    func account(run: String, org: String?, wishes: Wishes = Wishes()) throws -> Account? {
        if let found = existing(run: run, org: org) { return found }
        // Made before the lock is taken, since others wait for it.
        let fresh = try org.map { _ in try ServiceAccount.new(project: "") }
        return state.withLock { state -> Account? in
            if let found = state.others.first(where: { $0.run == run && $0.org == org }) { return found }
            guard state.others.count < Self.limit else { return nil }
            let account = make(run: run, org: org, wishes, fresh: fresh, state: &state)
            state.others.append(account)
            state.add(account)
            return account
        }
    }

    private func make(run: String, org: String?, _ wishes: Wishes, fresh: ServiceAccount?, state: inout State) -> Account {
        state.numbers += 1
        let digits = String(state.numbers)
        let number = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
        let name = org.flatMap { AccountName($0) }.flatMap { state.isFree($0) ? $0 : nil }
        let own = main.credentials
        let project = name?.project ?? "\(main.project)-\(number)"
        return Account(
            run: run, org: org,
            credentials: Credentials(
                apns: APNsKey(
                    teamID: wishes.teamID ?? name?.teamID ?? APNsKey.randomID(), keyID: name?.keyID ?? APNsKey.randomID(),
                    topic: wishes.topic ?? main.topic, environment: wishes.environment),
                fcm: (fresh ?? own.fcm).sibling(project: project),
                smtp: SMTPAccount(username: name?.text ?? "mock-\(number)", password: org == nil ? own.smtp.password : SMTPAccount.randomPassword()),
                expoAccessToken: Credentials.newExpoToken(name?.text ?? number)),
            senders: wishes.senders, expoProject: name?.expoProject)
    }

    func existing(run: String, org: String?) -> Account? {
        if run.isEmpty, org == nil { return main }
        return state.withLock { $0.others.first { $0.run == run && $0.org == org } }
    }

    var all: [Account] { [main] + state.withLock { $0.others } }

    func byKeyID(_ keyID: String) -> Account? { state.withLock { $0.byKeyID[keyID] } }
    func byTeamID(_ teamID: String) -> Account? { state.withLock { $0.byTeamID[teamID] } }
    func byProject(_ project: String) -> Account? { state.withLock { $0.byProject[project] } }
    func byClientEmail(_ email: String) -> Account? { state.withLock { $0.byClientEmail[email] } }
    func byAccessToken(_ token: String) -> Account? { state.withLock { $0.byAccessToken[token] } }
    func byUsername(_ name: String) -> Account? { state.withLock { $0.byUsername[name] } }

    /// The account that guards the tokens of that project at Expo.
    func guardian(of expoProject: String, run: String) -> Account? {
        state.withLock { state in
            // Almost nobody has one, and every push asks.
            state.others.isEmpty ? nil : state.others.first { $0.expoProject == expoProject && $0.run == run }
        }
    }

    /// Gives the account a new credential, under whose names it is known from now on.
    func add(_ fresh: Wallet.Fresh, to account: Account) {
        account.add(fresh)
        state.withLock { $0.add(account) }
    }
}

extension Accounts.State {
    mutating func add(_ account: Account) {
        let credentials = account.credentials
        byKeyID[credentials.apns.keyID] = account
        if byTeamID[account.teamID] == nil { byTeamID[account.teamID] = account }
        byProject[account.project] = account
        byClientEmail[account.clientEmail] = account
        byUsername[account.username] = account
        if let token = credentials.expoAccessToken { byAccessToken[token] = account }
    }

    /// Whether nobody is called so yet at any of the providers.
    func isFree(_ name: AccountName) -> Bool {
        byKeyID[name.keyID] == nil && byTeamID[name.teamID] == nil && byProject[name.project] == nil && byUsername[name.text] == nil
    }
}
