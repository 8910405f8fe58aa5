import Domain
import Storage

extension World {
    /// Puts a user into the directory, with a certification that expires in so many days.
    func know(
        _ id: String, org: String = "org_default", name: String? = nil, email: String? = nil, hasEmail: Bool = true, isVerified: Bool = true,
        locale: String? = nil,
        days: Int? = nil
    ) async throws {
        let known = try await stores.directory.organisation(org, scope: .all) != nil
        if !known { _ = try await stores.directory.put(.organisation(Organisation(id: org, name: org)), scope: .all) }
        let user = User(
            id: id, orgID: org, fullName: name, email: hasEmail ? email ?? "\(id)@example.org" : nil, emailVerified: isVerified, locale: locale)
        _ = try await stores.directory.put(.user(user), scope: .all)
        if let days { try await certify(id, "cert", days: days) }
    }

    func certify(_ user: String, _ id: String, days: Int) async throws {
        try await certify(user, id, at: SystemTime().now + .seconds(days * 86_400))
    }

    func certify(_ user: String, _ id: String, at time: Timestamp) async throws {
        _ = try await stores.directory.put(.certification(Certification(id: id, userID: user, name: "Peer mentor", expiresAt: time)), scope: .all)
    }
}
