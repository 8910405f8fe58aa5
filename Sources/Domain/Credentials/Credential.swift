/// Bytes that must never be seen: whatever prints, logs or dumps the value shows dots.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let bytes: [UInt8]

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    public init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// The one way to the bytes; named so that a reader's eye stops at it.
    public func reveal() -> [UInt8] { bytes }

    public func revealText() -> String { String(decoding: bytes, as: UTF8.self) }

    public var isEmpty: Bool { bytes.isEmpty }

    public var description: String { "•••" }
    public var debugDescription: String { "•••" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// One org's right to send through one provider. Names a lane.
public struct Credential: Sendable, Hashable {
    public var orgID: String
    public var name: String
    public var account: Account
    /// The apps whose tokens it is for: bundle ids, package names, Expo's `@owner/slug`. Empty: any. An APNs credential is for its topic's at least.
    public var apps: Set<String>

    public init(orgID: String, name: String, account: Account, apps: Set<String> = []) {
        self.orgID = orgID
        self.name = name
        self.account = account
        self.apps = apps
        if case .apns(let account) = account { self.apps.insert(account.topic) }
    }

    public enum Account: Sendable, Hashable {
        case expo(ExpoAccount)
        case apns(APNsAccount)
        case fcm(FCMAccount)
        case smtp(SMTPAccount)
    }

    public var provider: ProviderName {
        switch account {
        case .expo: .expo
        case .apns: .apns
        case .fcm: .fcm
        case .smtp: .smtp
        }
    }

    public var lane: LaneKey { LaneKey(orgID: orgID, provider: provider, credential: name) }
}

public struct ExpoAccount: Sendable, Hashable {
    /// Needed only where the project has "enhanced push security" on.
    public var accessToken: Secret?

    public init(accessToken: Secret? = nil) {
        self.accessToken = accessToken
    }
}

public struct APNsAccount: Sendable, Hashable {
    public enum Environment: String, Sendable, Hashable, CaseIterable {
        case production
        case sandbox
    }

    public enum Identity: Sendable, Hashable {
        /// A .p8 file's PEM text (PKCS#8, EC P-256) with its 10-character key and team ids.
        case key(pem: Secret, keyID: String, teamID: String)
        /// A .p12 file and its password.
        case certificate(p12: Secret, password: Secret)
    }

    public var identity: Identity
    /// The app's bundle id.
    public var topic: String
    public var environment: Environment

    public init(identity: Identity, topic: String, environment: Environment) {
        self.identity = identity
        self.topic = topic
        self.environment = environment
    }
}

/// The members of a service account's JSON that the OAuth 2 grant needs.
public struct FCMAccount: Sendable, Hashable {
    public var projectID: String
    public var clientEmail: String
    public var privateKeyID: String
    /// PKCS#8 PEM, RSA.
    public var privateKey: Secret
    public var tokenURI: String

    public init(projectID: String, clientEmail: String, privateKeyID: String, privateKey: Secret, tokenURI: String) {
        self.projectID = projectID
        self.clientEmail = clientEmail
        self.privateKeyID = privateKeyID
        self.privateKey = privateKey
        self.tokenURI = tokenURI
    }
}

public struct SMTPAccount: Sendable, Hashable {
    public enum Security: String, Sendable, Hashable, CaseIterable {
        /// Upgrade by STARTTLS, or fail: never falls back to clear text.
        case starttls
        /// TLS from the first byte; goes with `smtps://`.
        case implicit
        case none
    }

    /// A key of RFC 6376; signs every mail of the credential.
    public struct DKIM: Sendable, Hashable {
        public enum Algorithm: String, Sendable, Hashable, CaseIterable {
            case rsa = "rsa-sha256"
            case ed25519 = "ed25519-sha256"
        }

        public var domain: String
        public var selector: String
        public var algorithm: Algorithm
        /// PKCS#8 or PKCS#1 PEM.
        public var privateKey: Secret

        public init(domain: String, selector: String, algorithm: Algorithm, privateKey: Secret) {
            self.domain = domain
            self.selector = selector
            self.algorithm = algorithm
            self.privateKey = privateKey
        }
    }

    public var host: String
    public var port: Int
    public var security: Security
    public var username: String?
    public var password: Secret?
    /// RFC 5322 mailbox, display name allowed: `Demo <no-reply@example.org>`.
    public var from: String
    /// EHLO name; the machine's host name when nil.
    public var ehloName: String?
    /// Connections to the relay at once.
    public var maxConnections: Int
    /// One signature per key; RFC 8463 asks to sign with both kinds where both are there.
    public var dkim: [DKIM]

    public init(
        host: String, port: Int, security: Security, username: String? = nil, password: Secret? = nil, from: String, ehloName: String? = nil,
        maxConnections: Int = 10, dkim: [DKIM] = []
    ) {
        self.host = host
        self.port = port
        self.security = security
        self.username = username
        self.password = password
        self.from = from
        self.ehloName = ehloName
        self.maxConnections = maxConnections
        self.dkim = dkim
    }
}
