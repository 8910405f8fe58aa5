import Domain

extension Organisation {
    static let selection = "id, parent_id, name"

    /// Reads `selection`.
    init(_ row: any SQLRow) {
        self.init(id: row.text(0) ?? "", parentID: row.text(1), name: row.text(2) ?? "")
    }

    var values: [SQLValue] { [.text(id), SQLValue(parentID), .text(name)] }
}

extension User {
    static let selection = "u.id, u.org_id, u.full_name, u.email, u.email_verified, u.phone, u.locale, u.chapter_id"

    /// Reads `selection`, of `users u`.
    init(_ row: any SQLRow) {
        self.init(
            id: row.text(0) ?? "", orgID: row.text(1) ?? "", fullName: row.text(2), email: row.text(3), emailVerified: row.integer(4) == 1,
            phone: row.text(5), locale: row.text(6), chapterID: row.text(7))
    }

    var values: [SQLValue] {
        [
            .text(id), .text(orgID), SQLValue(fullName), SQLValue(email), .integer(emailVerified ? 1 : 0), SQLValue(phone), SQLValue(locale),
            SQLValue(chapterID),
        ]
    }
}

extension Certification {
    static let selection = "c.user_id, c.id, c.name, c.expires_at"

    /// Reads `selection`, of `certifications c`, from column `start` on.
    init(_ row: any SQLRow, at start: Int = 0) {
        self.init(
            id: row.text(start + 1) ?? "", userID: row.text(start) ?? "", name: row.text(start + 2) ?? "",
            expiresAt: row.time(start + 3) ?? Timestamp(microseconds: 0))
    }

    var values: [SQLValue] { [.text(userID), .text(id), .text(name), SQLValue(expiresAt)] }
}

extension Mentor {
    static let selection = "m.id, m.org_id, m.full_name, m.email, m.phone, m.current_status, m.pause_start_date"

    /// Reads `selection`, of `mentors m`; the coordinators stand in a table of their own.
    init(_ row: any SQLRow) {
        self.init(
            id: row.text(0) ?? "", orgID: row.text(1) ?? "", fullName: row.text(2), email: row.text(3), phone: row.text(4),
            currentStatus: row.text(5), pauseStartDate: row.time(6))
    }

    var values: [SQLValue] {
        [
            .text(id), .text(orgID), SQLValue(fullName), SQLValue(email), SQLValue(phone), SQLValue(currentStatus), SQLValue(pauseStartDate),
        ]
    }
}
