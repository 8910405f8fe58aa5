import Domain
import HTTPTypes
import Testing

@testable import API

/// One of the gateway's own endpoints, beside the contracts: who may call it, and how it is called for a row of an org.
struct GatewayEndpoint: Sendable, CustomTestStringConvertible {
    /// What makes the row that the call is about.
    enum Row: Sendable {
        case none
        case delivery
        case key
        case suppression
        /// Set; or set and rotated.
        case credential(isRotated: Bool)
        /// An entry of its own, so that deleting it is in nobody's way.
        case entry(DirectoryEntry.Kind)
    }

    enum Sent: Sendable {
        case nothing
        case json(@Sendable (Neighbourhood) -> JSON)
        /// A file of one line.
        case line(@Sendable (Neighbourhood) -> JSON)
    }

    var method: HTTPRequest.Method
    var path: String
    var roles: [Role]
    var row: Row
    var sent: Sent = .nothing
    /// Also an answer to somebody who may: the row's state forbids it.
    var mayConflict = false
    /// About whatever a filter lets through: what is out of reach is none of it, and no fault.
    var isMany = false

    var testDescription: String { "\(method) \(path)" }

    private static let admins: [Role] = [.orgAdmin, .globalAdmin]
    private static let all3 = Role.allCases

    static let all: [GatewayEndpoint] =
        [
            GatewayEndpoint(
                method: .post, path: "/api/v1/deliveries", roles: [], row: .none,
                sent: .json { ["to": ["user_id": .string($0.user)], "title": "t"] }),
            GatewayEndpoint(method: .get, path: "/api/v1/deliveries", roles: all3, row: .delivery),
            GatewayEndpoint(method: .get, path: "/api/v1/deliveries/export", roles: all3, row: .delivery),
            GatewayEndpoint(
                method: .post, path: "/api/v1/deliveries/retry", roles: admins, row: .delivery, sent: .json { ["org_id": .string($0.orgID)] },
                isMany: true),
            GatewayEndpoint(
                method: .post, path: "/api/v1/deliveries/cancel", roles: admins, row: .delivery, sent: .json { ["org_id": .string($0.orgID)] },
                isMany: true),
            GatewayEndpoint(method: .get, path: "/api/v1/deliveries/:id", roles: all3, row: .delivery),
            GatewayEndpoint(method: .post, path: "/api/v1/deliveries/:id/retry", roles: admins, row: .delivery, mayConflict: true),
            GatewayEndpoint(method: .post, path: "/api/v1/deliveries/:id/cancel", roles: admins, row: .delivery),
            GatewayEndpoint(
                method: .post, path: "/api/v1/keys", roles: admins, row: .none, sent: .json { ["name": "made", "org_id": .string($0.orgID)] }),
            GatewayEndpoint(method: .get, path: "/api/v1/keys", roles: admins, row: .key),
            GatewayEndpoint(method: .delete, path: "/api/v1/keys/:id", roles: admins, row: .key),
            GatewayEndpoint(method: .get, path: "/api/v1/suppressions", roles: all3, row: .suppression),
            GatewayEndpoint(method: .delete, path: "/api/v1/suppressions/:address", roles: admins, row: .suppression),
            GatewayEndpoint(
                method: .post, path: "/api/v1/directory/import", roles: admins, row: .none,
                sent: .line { ["kind": "user", "id": .string("imported_\($0)"), "org_id": .string($0.orgID)] }),
        ] + DirectoryEntry.Kind.allCases.flatMap(directory) + credentials

    private static let credentials = [
        GatewayEndpoint(method: .get, path: Credentials.everywhere, roles: admins, row: .credential(isRotated: false)),
        GatewayEndpoint(method: .get, path: Credentials.path, roles: admins, row: .credential(isRotated: false)),
        GatewayEndpoint(
            method: .put, path: Credentials.one, roles: admins, row: .credential(isRotated: false), sent: .json { _ in IsolationStage.credential() }),
        GatewayEndpoint(method: .delete, path: Credentials.one, roles: admins, row: .credential(isRotated: false)),
        GatewayEndpoint(
            method: .post, path: Credentials.one + "/rotate", roles: admins, row: .credential(isRotated: false),
            sent: .json { _ in IsolationStage.credential() }),
        GatewayEndpoint(method: .post, path: Credentials.one + "/verify", roles: admins, row: .credential(isRotated: false)),
        GatewayEndpoint(method: .delete, path: Credentials.one + "/previous", roles: admins, row: .credential(isRotated: true)),
    ]

    private static func directory(_ kind: DirectoryEntry.Kind) -> [GatewayEndpoint] {
        let list = Directory.path(of: kind)
        let one = list + (kind == .certification ? "/:certification_id" : "/:id")
        return [
            GatewayEndpoint(method: .get, path: list, roles: admins, row: .entry(kind)),
            GatewayEndpoint(method: .get, path: one, roles: admins, row: .entry(kind)),
            GatewayEndpoint(
                method: .put, path: one, roles: admins, row: .entry(kind), sent: .json { IsolationStage.entry(kind, in: $0, name: "Other") }),
            GatewayEndpoint(method: .delete, path: one, roles: admins, row: .entry(kind)),
        ]
    }

    var isList: Bool { method == .get && !path.hasSuffix("id") }
}
