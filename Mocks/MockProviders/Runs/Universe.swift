import Synchronization

/// What all runs share: who is believed, and which runs there are.
final class Universe: Sendable {
    let configuration: MockConfiguration
    let accounts: Accounts
    let authority: CertificateAuthority
    /// FCM's token endpoint, as the service accounts name it.
    let tokenURI: String
    /// The run of those who name none.
    let main: World
    let providerTokens = ProviderTokenVerifier()
    let accessTokens = AccessTokens()
    let mailConnections = Atomic<Int>(0)

    private let clock: MockClock
    private let named = Mutex(Named())

    /// The least recently named run comes first.
    private struct Named {
        var worlds: [String: World] = [:]
        var order: [String] = []
    }

    init(accounts: Accounts, authority: CertificateAuthority, configuration: MockConfiguration, clock: MockClock, tokenURI: String) {
        self.configuration = configuration
        self.accounts = accounts
        self.authority = authority
        self.clock = clock
        self.tokenURI = tokenURI
        main = World(name: "", configuration: configuration, clock: clock, payloadBudget: Run.mainPayloadBudget)
    }

    /// The run of that name, made when it is named for the first time. When there are too many, the one longest unnamed is forgotten.
    func world(_ name: String) -> World {
        if name.isEmpty { return main }
        return named.withLock { named in
            if let world = named.worlds[name] {
                if named.order.last != name, let index = named.order.firstIndex(of: name) {
                    named.order.remove(at: index)
                    named.order.append(name)
                }
                return world
            }
            if named.order.count >= Run.limit { named.worlds[named.order.removeFirst()] = nil }
            let world = World(name: name, configuration: configuration, clock: clock, payloadBudget: Run.payloadBudget)
            named.worlds[name] = world
            named.order.append(name)
            return world
        }
    }

    func world(of account: Account?) -> World {
        account.map { world($0.run) } ?? main
    }

    /// The run, if it has been named before.
    func existing(_ name: String) -> World? {
        name.isEmpty ? main : named.withLock { $0.worlds[name] }
    }

    var runs: [World] { [main] + named.withLock { named in named.order.sorted().compactMap { named.worlds[$0] } } }

    func forget(_ name: String) -> Bool {
        named.withLock { named in
            named.order.removeAll { $0 == name }
            return named.worlds.removeValue(forKey: name) != nil
        }
    }
}

/// The name by which parallel test suites stay apart.
enum Run {
    /// On an HTTP request.
    static let header = "x-mock-run"
    /// In front of a path, for clients of which only the base URL can be set.
    static let pathPrefix = "/_run/"
    /// How many named runs are kept; together their payloads may take as much as those of the main one.
    static let limit = 64
    static let mainPayloadBudget = 256 << 20
    static let payloadBudget = 4 << 20

    static func isName(_ text: some StringProtocol) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                    || byte == UInt8(ascii: ".")
            }
    }

    /// `/_run/checkout/--/api/v2/push/send` is `/--/api/v2/push/send` in the run `checkout`.
    static func split(_ path: String) -> (name: String, path: String)? {
        guard path.hasPrefix(pathPrefix) else { return nil }
        let rest = path.dropFirst(pathPrefix.count)
        let name = rest.prefix { $0 != "/" }
        return (String(name), String(rest.dropFirst(name.count)))
    }
}
