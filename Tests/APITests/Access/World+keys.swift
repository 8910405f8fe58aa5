import Domain
import HTTPTypes
import Storage

@testable import API

extension World {
    /// Makes a key behind the API's back, as the command line does, and gives the header that shows it.
    func key(
        _ roles: Set<Role> = [], of org: String = "org_default", contract: Contract? = nil, expiresAt: Timestamp? = nil,
        now: Timestamp = SystemTime().now
    ) async throws -> HTTPFields {
        let wish = KeyDesk.Wish(orgID: org, roles: roles, contract: contract, expiresAt: expiresAt)
        return .bearer(try await KeyDesk(stores.keys).issue(wish, now: now).text.text)
    }
}

extension HTTPFields {
    static func bearer(_ credential: String) -> HTTPFields { [.authorization: "Bearer \(credential)"] }

    func and(_ other: HTTPFields) -> HTTPFields {
        var all = self
        all.append(contentsOf: other)
        return all
    }
}

extension TestCredentials {
    /// org_top above org_default above org_below; org_else beside them. A new one each time: each gateway adds its own directory's to it.
    static var tree: TestCredentials {
        TestCredentials(organisations: [
            Organisation(id: "org_top", name: "Top"), Organisation(id: "org_default", parentID: "org_top", name: "Default"),
            Organisation(id: "org_below", parentID: "org_default", name: "Below"), Organisation(id: "org_else", name: "Else"),
        ])
    }
}
