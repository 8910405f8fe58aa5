import Crypto
import CryptoExtras
import Domain
import Foundation
import Synchronization
import Transport

@testable import Providers

/// A clock that stands still until it is moved, and counts how often it was read.
final class ManualTime: TimeSource {
    private let state: Mutex<(now: Timestamp, reads: Int, waiting: (Int, CheckedContinuation<Void, Never>)?)>

    init(_ now: Timestamp = Timestamp(seconds: 1_768_478_400)) {
        state = Mutex((now, 0, nil))
    }

    var now: Timestamp {
        let (now, waiter) = state.withLock { state in
            state.reads += 1
            guard let (reads, waiter) = state.waiting, state.reads >= reads else { return (state.now, nil as CheckedContinuation<Void, Never>?) }
            state.waiting = nil
            return (state.now, waiter)
        }
        waiter?.resume()
        return now
    }

    func advance(_ duration: Duration) { state.withLock { $0.now = $0.now + duration } }

    /// Returns when the clock has been read that often.
    func read(times: Int) async {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                if state.reads >= times { return true }
                state.waiting = (times, continuation)
                return false
            }
            if isDone { continuation.resume() }
        }
    }

    func sleep(until deadline: Timestamp) async throws { fatalError("no provider sleeps") }
}

/// Answers in the transport's place, and keeps what it was asked.
final class ScriptedCarrier: HTTPCarrier {
    typealias Script = @Sendable (HTTPRequest, ConnectionGroup) async -> HTTPOutcome

    private struct State {
        var sent: [(request: HTTPRequest, group: ConnectionGroup, timeout: Duration)] = []
        var renewed: [ConnectionGroup] = []
    }

    private let state = Mutex(State())
    private let script: Script

    init(_ script: @escaping Script) { self.script = script }

    func send(_ request: HTTPRequest, in group: ConnectionGroup, timeout: Duration) async -> HTTPOutcome {
        state.withLock { $0.sent.append((request, group, timeout)) }
        return await script(request, group)
    }

    func renewConnections(of group: ConnectionGroup) { state.withLock { $0.renewed.append(group) } }

    var sent: [(request: HTTPRequest, group: ConnectionGroup, timeout: Duration)] { state.withLock { $0.sent } }
    var renewed: [ConnectionGroup] { state.withLock { $0.renewed } }
}

extension HTTPOutcome {
    static func status(_ status: Int, _ body: String = "", _ headers: [(name: String, value: String)] = []) -> HTTPOutcome {
        .answered(HTTPResponse(status: status, headers: headers, body: Array(body.utf8)))
    }
}

extension HTTPRequest {
    subscript(header name: String) -> String? { headers.first { $0.name == name }?.value }
    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSON? { try? JSON(parsing: body) }
}

enum Fixture {
    static let now = Timestamp(seconds: 1_768_478_400)  // 2026-01-15T12:00:00Z
    static let deviceToken = "740F4707bebcf74f9b7c25d48e3358945f6aa01da5ddb387462c7eaf61bb78ad"
    static let ecKey = P256.Signing.PrivateKey()
    /// One for all tests: making it takes longer than all of them.
    static let rsaKey = try! _RSA.Signing.PrivateKey(keySize: .bits2048)

    static func message(
        to address: String = deviceToken, platform: Platform? = nil, serial: UInt64 = 1, expiresIn: Duration? = nil, _ content: Content
    ) -> OutboundMessage {
        let delivery = Delivery(
            id: Identifier(high: 0x0193_a5c2_7f00_7abc, low: 0x8def_0123_4567_0000 + serial), notificationID: "notif_1", orgID: "org", userID: nil,
            lane: LaneKey(orgID: "org", provider: .apns, credential: "main"), target: Target(address: address, platform: platform),
            nextAttemptAt: now,
            createdAt: now, expiresAt: expiresIn.map { now + $0 })
        return OutboundMessage(delivery: delivery, content: content)
    }

    static func apns(
        key: String = ecKey.pemRepresentation, keyID: String = "KEY1234567", teamID: String = "TEAM123456", topic: String = "com.example.app",
        environment: APNsAccount.Environment = .production
    ) -> Credential {
        Credential(
            orgID: "org", name: "main",
            account: .apns(.init(identity: .key(pem: Secret(key), keyID: keyID, teamID: teamID), topic: topic, environment: environment)))
    }

    static func fcm(
        projectID: String = "demo-app", email: String = "push@demo-app.iam.gserviceaccount.com", keyID: String = "0123abcd",
        key: String = rsaKey.pkcs8PEMRepresentation, tokenURI: String = "https://oauth2.googleapis.com/token"
    ) -> Credential {
        Credential(
            orgID: "org", name: "main",
            account: .fcm(.init(projectID: projectID, clientEmail: email, privateKeyID: keyID, privateKey: Secret(key), tokenURI: tokenURI)))
    }

    static func factory(_ carrier: ScriptedCarrier, _ time: ManualTime) throws -> ProviderFactory {
        ProviderFactory(endpoints: .init(), carrier: carrier, smtp: try mail.get(), time: time)
    }

    /// Sends nothing here: threads begin with the first mail.
    private static let mail = Result { try SMTPTransport() }
}

/// A compact JWS taken apart.
struct DecodedToken {
    let header: JSON
    let claims: JSON
    let signed: Data
    let signature: Data

    init?(_ token: some StringProtocol) {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.decode(parts[0]), let claims = Self.decode(parts[1]), let signature = Self.decode(parts[2]),
            let headerJSON = try? JSON(parsing: [UInt8](header)), let claimsJSON = try? JSON(parsing: [UInt8](claims))
        else { return nil }
        self.header = headerJSON
        self.claims = claimsJSON
        self.signature = signature
        signed = Data("\(parts[0]).\(parts[1])".utf8)
    }

    private static func decode(_ text: some StringProtocol) -> Data? {
        let plain = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        return Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.count % 4) % 4))
    }
}
