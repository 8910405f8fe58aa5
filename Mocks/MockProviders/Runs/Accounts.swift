import Crypto
import Synchronization

/// The accounts that the mock believes in: the one whose credentials lie in files, and those made by the control API for runs and orgs.
final class Accounts: Sendable {
    static let limit = 1000

    let main: Account

    fileprivate struct State {
        var made: [Account] = []
        var byKeyID: [String: Account] = [:]
        var byProject: [String: Account] = [:]
        var byClientEmail: [String: Account] = [:]
        var byUsername: [String: Account] = [:]
        var byAccessToken: [String: Account] = [:]
        var numbers = 1
    }

    private let state: Mutex<State>

    init(main credentials: Credentials, configuration: MockConfiguration) {
        main = Account(
            run: "", org: nil, apns: credentials.apns, fcm: credentials.fcm, smtp: credentials.smtp,
            expoAccessToken: configuration.expoAccessToken)
        var state = State()
        state.add(main)
        self.state = Mutex(state)
    }

    /// What a new account shall have of its own; the rest is made up.
    struct Wishes: Sendable, Hashable {
        var topic: String?
        /// A team that has keys already: Apple lets a team have several.
        var teamID: String?
        /// Where the key may be used; nil is everywhere.
        var environment: APNsEnvironment?
    }

    /// The account of that run and org: the one made before, else a new one with keys of its own. Nil when there are too many.
    func account(run: String, org: String?, wishes: Wishes = Wishes()) -> Account? {
        if let found = existing(run: run, org: org) { return found }
        return state.withLock { state -> Account? in
            guard state.made.count < Self.limit else { return nil }
            state.numbers += 1
            let digits = String(state.numbers)
            let number = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
            let account = Account(
                run: run, org: org,
                apns: APNsKey(
                    teamID: wishes.teamID ?? "MTEAM".padding(number), keyID: "MKEY".padding(number), topic: wishes.topic ?? main.apns.topic,
                    environment: wishes.environment),
                fcm: main.fcm.sibling(project: "\(main.fcm.project)-\(number)"),
                smtp: SMTPAccount(username: "mock-\(number)", password: main.smtp.password),
                expoAccessToken: "mock-expo-\(number)-" + Hex.text(of: (0..<8).map { _ in UInt8.random(in: 0...255) }))
            state.made.append(account)
            state.add(account)
            return account
        }
    }

    func existing(run: String, org: String?) -> Account? {
        if run.isEmpty, org == nil { return main }
        return state.withLock { $0.made.first { $0.run == run && $0.org == org } }
    }

    func byKeyID(_ keyID: String) -> Account? { state.withLock { $0.byKeyID[keyID] } }
    func byProject(_ project: String) -> Account? { state.withLock { $0.byProject[project] } }
    func byClientEmail(_ email: String) -> Account? { state.withLock { $0.byClientEmail[email] } }
    func byAccessToken(_ token: String) -> Account? { state.withLock { $0.byAccessToken[token] } }
    func byUsername(_ name: String) -> Account? { state.withLock { $0.byUsername[name] } }
}

extension Accounts.State {
    mutating func add(_ account: Account) {
        byKeyID[account.apns.keyID] = account
        byProject[account.fcm.project] = account
        byClientEmail[account.fcm.clientEmail] = account
        byUsername[account.smtp.username] = account
        if let token = account.expoAccessToken { byAccessToken[token] = account }
    }
}

extension String {
    /// Ten characters, as Apple's ids have: this text, zeros, the number.
    fileprivate func padding(_ number: String) -> String {
        self + String(repeating: "0", count: Swift.max(0, 10 - count - number.count)) + number
    }
}
