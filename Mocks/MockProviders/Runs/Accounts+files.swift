import Foundation

extension Accounts {
    /// The main account and the named ones, with the credentials that lie in their directories already.
    convenience init(_ configuration: MockConfiguration, in directory: URL?) throws {
        let main = try Credentials(mainIn: directory, configuration: configuration)
        var named: [String: Account] = [:]
        for text in configuration.accounts {
            guard let name = AccountName(text) else {
                throw SetUpFault("an account's name is made of up to 20 small letters, digits and '-', and begins with a letter; '\(text)' is not.")
            }
            guard text != main.smtp.username, named[text] == nil else {
                throw SetUpFault("there is an account \(text) already; give --account another name.")
            }
            let own = directory?.appending(path: text, directoryHint: .isDirectory)
            named[text] = Account(
                run: "", org: text, credentials: try Credentials(of: name, in: own), expoProject: name.expoProject, directory: own)
        }
        self.init(main: main, named: configuration.accounts.compactMap { named[$0] }, directory: directory)
    }
}

extension Universe {
    /// Writes the account's newest credentials to where its clients look for them; does nothing for one that is kept nowhere.
    ///
    /// - Parameter renewsCertificate: makes a new client certificate as well.
    func write(_ account: Account, renewsCertificate: Bool) throws {
        guard let directory = account.directory else { return }
        let identity = try renewsCertificate ? clientIdentity(of: account) : nil
        try account.credentials.write(to: directory, tokenURI: tokenURI, clientIdentity: identity)
    }

    /// A client certificate by which APNs knows the account.
    func clientIdentity(
        of account: Account, lifetime: Duration? = nil, environment: APNsEnvironment? = nil, password: String = ClientIdentity.password
    ) throws -> ClientIdentity {
        try authority.clientIdentity(
            topic: account.topic, teamID: account.teamID, now: Date(),
            lifetime: lifetime.map { TimeInterval($0.components.seconds) } ?? ClientIdentity.lifetime, environment: environment, password: password)
    }
}
