import Foundation
import Synchronization

/// One sender as the providers know it: a team and its keys at APNs, a project and service account at FCM, an access token at Expo, a mail user.
///
/// What it is never changes; what it shows, and whether that is believed, does.
final class Account: Sendable {
    /// The run that its requests belong to, unless a request names another.
    let run: String
    /// The org that scripts and filters know it by.
    let org: String?
    let teamID: String
    let topic: String
    /// FCM's.
    let project: String
    let clientEmail: String
    let username: String
    /// The project at Expo to whose tokens only the access token of this account opens the way; nil guards none.
    let expoProject: String?
    /// Where its credentials are kept.
    let directory: URL?

    private let wallet: Mutex<Wallet>

    init(run: String, org: String?, credentials: Credentials, senders: [String] = [], expoProject: String? = nil, directory: URL? = nil) {
        self.run = run
        self.org = org
        teamID = credentials.apns.teamID
        topic = credentials.apns.topic
        project = credentials.fcm.project
        clientEmail = credentials.fcm.clientEmail
        username = credentials.smtp.username
        self.expoProject = expoProject
        self.directory = directory
        wallet = Mutex(Wallet(credentials, senders: senders))
    }

    /// Whether the account is known by that name at any provider: APNs key or team, project or client e-mail, access token, mail user.
    func isKnown(as name: String) -> Bool {
        if [teamID, project, clientEmail, username].contains(name) { return true }
        return wallet.withLock { $0.entries.contains { $0.id == name && $0.id != Wallet.certificates } }
    }

    // MARK: What is believed

    func key(_ id: String) -> APNsKey? {
        wallet.withLock { $0.apns.first { $0.secret.keyID == id && !$0.isRevoked }?.secret }
    }

    var areCertificatesRevoked: Bool { wallet.withLock { $0.areCertificatesRevoked } }

    /// The service account's keys that are believed: the one of that id, or all of them for those who name none.
    func serviceKeys(_ id: String?) -> [ServiceAccount] {
        wallet.withLock { wallet in wallet.fcm.filter { !$0.isRevoked && (id == nil || $0.secret.keyID == id) }.map(\.secret) }
    }

    func accepts(password: String) -> Bool {
        wallet.withLock { !$0.smtp.isRevoked && $0.smtp.secret.password == password }
    }

    func accepts(accessToken: String) -> Bool {
        wallet.withLock { $0.expo.contains { $0.secret == accessToken && !$0.isRevoked } }
    }

    func maySend(as sender: String) -> Bool { wallet.withLock { $0.maySend(as: sender) } }

    // MARK: What is shown

    /// The newest of each kind.
    var credentials: Credentials { wallet.withLock { $0.newest } }
    var entries: [Wallet.Entry] { wallet.withLock { $0.entries } }
    var senders: [String] { wallet.withLock { $0.senders } }
    func setSenders(_ senders: [String]) { wallet.withLock { $0.senders = senders } }

    func mark(_ provider: ProviderName, id: String?, isRevoked: Bool) -> Bool {
        wallet.withLock { $0.mark(provider, id: id, isRevoked: isRevoked) }
    }

    /// Believes in everything again.
    func reset() { wallet.withLock { $0.reset() } }

    func add(_ fresh: Wallet.Fresh) { wallet.withLock { $0.add(fresh) } }
}
