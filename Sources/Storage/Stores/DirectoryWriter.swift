import Domain

/// Writes a batch of entries inside one transaction: reads once what they refer to, then decides and writes one after the other.
struct DirectoryWriter {
    private let connection: any SQLConnection
    private let beside: [String: Organisation]
    private var scope: OrgScope
    /// What the batch refers to, as far as it stands: with each entry written it is brought up to date.
    private var organisations: [String: Organisation] = [:]
    private var orgsOfUsers: [String: String] = [:]
    private var orgsOfMentors: [String: String] = [:]
    private var usersWithDevices: Set<String> = []

    init(beside: [Organisation], scope: OrgScope, connection: any SQLConnection) {
        self.beside = Dictionary(beside.map { ($0.id, $0) }) { first, _ in first }
        self.scope = scope
        self.connection = connection
    }

    mutating func write(_ entries: [DirectoryEntry]) throws -> [DirectoryOutcome] {
        try look(up: entries)
        return try entries.map { entry in
            switch entry {
            case .organisation(let organisation): try write(organisation)
            case .user(let user): try write(user)
            case .certification(let certification): try write(certification)
            case .mentor(let mentor): try write(mentor)
            }
        }
    }

    private mutating func look(up entries: [DirectoryEntry]) throws {
        var orgs: Set<String> = []
        var users: Set<String> = []
        var mentors: Set<String> = []
        for entry in entries {
            switch entry {
            case .organisation(let organisation):
                orgs.insert(organisation.id)
                if let parent = organisation.parentID { orgs.insert(parent) }
            case .user(let user):
                orgs.insert(user.orgID)
                users.insert(user.id)
            case .certification(let certification):
                users.insert(certification.userID)
            case .mentor(let mentor):
                orgs.insert(mentor.orgID)
                mentors.insert(mentor.id)
            }
        }
        for ids in Array(orgs).chunks(of: SQLList.limit) {
            let list = SQLList(ids.map { .text($0) })
            try connection.query("SELECT \(Organisation.selection) FROM organisations WHERE id IN (\(list.placeholders))", list.arguments) { row in
                let organisation = Organisation(row)
                organisations[organisation.id] = organisation
            }
        }
        orgsOfUsers = try DirectoryStore.orgs(of: Array(users), in: "users", connection)
        orgsOfMentors = try DirectoryStore.orgs(of: Array(mentors), in: "mentors", connection)
        for ids in Array(users).chunks(of: SQLList.limit) {
            let list = SQLList(ids.map { .text($0) })
            try connection.query(
                "SELECT DISTINCT user_id FROM device_tokens WHERE invalidated_at IS NULL AND user_id IN (\(list.placeholders))", list.arguments
            ) { usersWithDevices.insert($0.text(0) ?? "") }
        }
    }

    private func isReachable(_ org: String) -> Bool {
        scope.contains(org) && (organisations[org] != nil || beside[org] != nil)
    }
}

extension DirectoryWriter {
    private static let insertOrganisation = """
        INSERT INTO organisations (id, parent_id, name) VALUES (?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET parent_id = excluded.parent_id, name = excluded.name
        """

    private mutating func write(_ organisation: Organisation) throws -> DirectoryOutcome {
        let id = organisation.id
        let known = organisations[id] ?? beside[id]
        if known != nil, !scope.contains(id) { return .refused(.hidden) }
        // A parent that stays is no concern of the caller's: the top of its own tree hangs on one that it may not see.
        if known == nil || known?.parentID != organisation.parentID {
            if let refusal = try refusal(ofParent: organisation.parentID, of: id) { return .refused(refusal) }
        }
        // Whoever puts an org below their own sees all that is its: an org that lives without the directory is not theirs to take.
        if known == nil, scope != .all, try isAlive(id) { return .refused(.hidden) }
        let isNew = organisations[id] == nil
        try connection.run(Self.insertOrganisation, organisation.values)
        organisations[id] = organisation
        if case .orgs(var orgs) = scope, orgs.insert(id).inserted { scope = .orgs(orgs) }
        return isNew ? .created : .updated
    }

    private func isAlive(_ org: String) throws -> Bool {
        var isAlive = false
        for table in ["notifications", "api_keys"] where !isAlive {
            try connection.query("SELECT 1 FROM \(table) WHERE org_id = ? LIMIT 1", [.text(org)]) { _ in isAlive = true }
        }
        return isAlive
    }

    private func refusal(ofParent parent: String?, of id: String) throws -> DirectoryRefusal? {
        guard let parent else { return scope == .all ? nil : .parentNeeded }
        if parent == id { return .circle([id, id]) }
        guard isReachable(parent) else { return .unknownParent(parent) }
        let ancestors = try ancestors(from: parent, until: id)
        return ancestors.last == id ? .circle([id] + ancestors) : nil
    }

    /// From `org` upwards, through the directory and, where it says nothing, through what stands beside it; ends at the top, at `end`, or where a circle closes.
    private func ancestors(from org: String, until end: String) throws -> [String] {
        var path: [String] = []
        var seen: Set<String> = []
        var next: String? = org
        while let start = next {
            next = nil
            var links: [String: String?] = [:]
            // UNION drops what was found already, so that a circle ends it.
            try connection.query(
                """
                WITH RECURSIVE up (id, parent_id) AS (
                    SELECT id, parent_id FROM organisations WHERE id = ?
                    UNION SELECT o.id, o.parent_id FROM organisations o JOIN up ON o.id = up.parent_id
                ) SELECT id, parent_id FROM up
                """, [.text(start)]
            ) { links.updateValue($0.text(1), forKey: $0.text(0) ?? "") }
            var current: String? = start
            while let id = current, seen.insert(id).inserted {
                path.append(id)
                if id == end { return path }
                if let parent = links[id] {
                    current = parent
                } else {
                    // Not in the directory: a file may know more, and its parent may be in the directory again.
                    next = beside[id]?.parentID
                    current = nil
                }
            }
        }
        return path
    }
}

extension DirectoryWriter {
    private static let insertUser = """
        INSERT INTO users (id, org_id, full_name, email, email_verified, phone, locale, chapter_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE
        SET org_id = excluded.org_id, full_name = excluded.full_name, email = excluded.email, email_verified = excluded.email_verified,
            phone = excluded.phone, locale = excluded.locale, chapter_id = excluded.chapter_id
        """

    private mutating func write(_ user: User) throws -> DirectoryOutcome {
        let known = orgsOfUsers[user.id]
        if let known, !scope.contains(known) { return .refused(.hidden) }
        guard isReachable(user.orgID) else { return .refused(.unknownOrg(user.orgID)) }
        try connection.run(Self.insertUser, user.values)
        orgsOfUsers[user.id] = user.orgID
        if known != user.orgID, usersWithDevices.contains(user.id) { try bringDevices(of: user, from: known) }
        return known == nil ? .created : .updated
    }

    /// Messages look for a user's devices in the user's org: those registered where the user was before come along. Before the directory knew the user they
    /// were registered by a service of an org above.
    private func bringDevices(of user: User, from known: String?) throws {
        let sources = try known.map { [$0] } ?? Array(ancestors(from: user.orgID, until: "").dropFirst())
        for source in sources {
            try connection.run(
                """
                UPDATE device_tokens SET org_id = ? WHERE user_id = ? AND org_id = ? AND invalidated_at IS NULL
                    AND NOT EXISTS (SELECT 1 FROM device_tokens t WHERE t.token = device_tokens.token AND t.org_id = ?)
                """, [.text(user.orgID), .text(user.id), .text(source), .text(user.orgID)])
        }
    }

    private static let updateCertification = "UPDATE certifications SET name = ?, expires_at = ? WHERE user_id = ? AND id = ?"
    private static let insertCertification = """
        INSERT INTO certifications (user_id, id, name, expires_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (user_id, id) DO UPDATE SET name = excluded.name, expires_at = excluded.expires_at
        """

    private func write(_ certification: Certification) throws -> DirectoryOutcome {
        guard let org = orgsOfUsers[certification.userID], scope.contains(org) else { return .refused(.unknownUser(certification.userID)) }
        let changed = try connection.run(
            Self.updateCertification,
            [.text(certification.name), SQLValue(certification.expiresAt), .text(certification.userID), .text(certification.id)])
        if changed > 0 { return .updated }
        try connection.run(Self.insertCertification, certification.values)
        return .created
    }

    private static let insertMentor = """
        INSERT INTO mentors (id, org_id, full_name, email, phone, current_status, pause_start_date) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE
        SET org_id = excluded.org_id, full_name = excluded.full_name, email = excluded.email, phone = excluded.phone,
            current_status = excluded.current_status, pause_start_date = excluded.pause_start_date
        """

    private mutating func write(_ mentor: Mentor) throws -> DirectoryOutcome {
        let known = orgsOfMentors[mentor.id]
        if let known, !scope.contains(known) { return .refused(.hidden) }
        guard isReachable(mentor.orgID) else { return .refused(.unknownOrg(mentor.orgID)) }
        try connection.run(Self.insertMentor, mentor.values)
        try connection.run("DELETE FROM mentor_coordinators WHERE mentor_id = ?", [.text(mentor.id)])
        for (position, userID) in mentor.coordinatorIDs.enumerated() {
            try connection.run(
                "INSERT INTO mentor_coordinators (mentor_id, position, user_id) VALUES (?, ?, ?)",
                [.text(mentor.id), SQLValue(position), .text(userID)])
        }
        orgsOfMentors[mentor.id] = mentor.orgID
        return known == nil ? .created : .updated
    }
}
