public import Domain

extension DirectoryStore {
    /// Writes entries in their order, in one transaction; each stands or falls alone, and later ones see earlier ones.
    ///
    /// - Parameter beside: the organisations that exist without the directory, by an org file or by themselves.
    /// - Returns: one outcome per entry. Organisations that come out as `.created` count as within the scope from then on.
    public func put(_ entries: [DirectoryEntry], beside: [Organisation] = [], scope: OrgScope) async throws -> [DirectoryOutcome] {
        guard !entries.isEmpty else { return [] }
        return try await committer.write(rows: entries.count) { connection in
            var writer = DirectoryWriter(beside: beside, scope: scope, connection: connection)
            return try writer.write(entries)
        }
    }

    public func put(_ entry: DirectoryEntry, beside: [Organisation] = [], scope: OrgScope) async throws -> DirectoryOutcome {
        try await put([entry], beside: beside, scope: scope)[0]
    }

    /// Leaves the organisation where others belong to it. One that an org file declares too goes on existing by that.
    public func deleteOrganisation(_ id: String, scope: OrgScope) async throws -> DirectoryRemoval {
        guard scope.contains(id) else { return .absent }
        return try await committer.write { connection in
            func count(_ sql: String) throws -> Int {
                var count = 0
                try connection.query(sql, [.text(id)]) { count = $0.count(0) }
                return count
            }
            guard try count("SELECT count(*) FROM organisations WHERE id = ?") > 0 else { return .absent }
            let children = try count("SELECT count(*) FROM organisations WHERE parent_id = ?")
            let users = try count("SELECT count(*) FROM users WHERE org_id = ?")
            let mentors = try count("SELECT count(*) FROM mentors WHERE org_id = ?")
            guard children + users + mentors == 0 else { return .inUse(organisations: children, users: users, mentors: mentors) }
            try connection.run("DELETE FROM organisations WHERE id = ?", [.text(id)])
            return .removed
        }
    }

    /// Takes the certifications along. Mentors keep naming the user: who coordinates whom is another service's word, and holds again when the user comes back.
    public func deleteUser(_ id: String, scope: OrgScope) async throws -> DirectoryRemoval {
        let visible = scope.condition(on: "org_id")
        return try await committer.write { connection in
            guard try connection.run("DELETE FROM users WHERE id = ? AND \(visible.sql)", [.text(id)] + visible.arguments) > 0 else { return .absent }
            try connection.run("DELETE FROM certifications WHERE user_id = ?", [.text(id)])
            return .removed
        }
    }

    public func deleteCertification(_ id: String, of userID: String, scope: OrgScope) async throws -> DirectoryRemoval {
        let visible = scope.condition(on: "org_id")
        return try await committer.write { connection in
            let deleted = try connection.run(
                """
                DELETE FROM certifications
                WHERE user_id = ? AND id = ? AND user_id IN (SELECT id FROM users WHERE id = ? AND \(visible.sql))
                """, [.text(userID), .text(id), .text(userID)] + visible.arguments)
            return deleted > 0 ? .removed : .absent
        }
    }

    public func deleteMentor(_ id: String, scope: OrgScope) async throws -> DirectoryRemoval {
        let visible = scope.condition(on: "org_id")
        return try await committer.write { connection in
            guard try connection.run("DELETE FROM mentors WHERE id = ? AND \(visible.sql)", [.text(id)] + visible.arguments) > 0 else {
                return .absent
            }
            try connection.run("DELETE FROM mentor_coordinators WHERE mentor_id = ?", [.text(id)])
            return .removed
        }
    }
}
