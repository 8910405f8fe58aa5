public import Domain

/// The registry of device tokens, one for all contracts.
public struct DeviceTokenStore: Sendable {
    public init(_ committer: GroupCommit) {
        fatalError("to be built")
    }

    /// Registers a token, or moves it to this user, platform and time and makes it active again. A token belongs to one user per org.
    /// - Returns: the token as stored, and whether it is new.
    public func register(_ token: DeviceToken) async throws -> (token: DeviceToken, isNew: Bool) {
        fatalError("to be built")
    }

    /// Active tokens of one user, newest first.
    public func active(userID: String, scope: OrgScope) async throws -> [DeviceToken] {
        fatalError("to be built")
    }

    /// Active tokens of many users of an org, by user: one query per 500 users.
    public func active(userIDs: [String], orgID: String) async throws -> [String: [DeviceToken]] {
        fatalError("to be built")
    }

    /// Marks a token as dead at a caller's word. Repeating it gives the same time again. Nil when there is none.
    public func invalidate(token: String, scope: OrgScope, reason: String, now: Timestamp) async throws -> DeviceToken? {
        fatalError("to be built")
    }

    /// Removes the row. Nil when there is none.
    public func remove(token: String, scope: OrgScope) async throws -> DeviceToken? {
        fatalError("to be built")
    }
}
