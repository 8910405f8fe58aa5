import Domain

/// Reads what a directory entry says: the body of a PUT, or a line of an import. The rules are the same.
enum EntryReader {
    /// Coordinators of one mentor.
    static let coordinatorLimit = 1_000

    /// The ids that a path gives; an import's lines bring theirs along.
    struct Names: Sendable {
        var id: String?
        /// Of a certification.
        var userID: String?
    }

    /// What is faulty reads as empty: the reader's faults decide whether anything comes of it.
    static func entry(_ kind: DirectoryEntry.Kind, _ reader: inout FieldReader, names: Names = Names()) -> DirectoryEntry {
        switch kind {
        case .organisation: .organisation(organisation(&reader, names))
        case .user: .user(user(&reader, names))
        case .certification: .certification(certification(&reader, names))
        case .mentor: .mentor(mentor(&reader, names))
        }
    }

    private static func organisation(_ reader: inout FieldReader, _ names: Names) -> Organisation {
        let id = id("id", names.id, &reader)
        let parent = filled("parent_id", &reader)
        // As an org file does: whoever has no name goes by the id.
        return Organisation(id: id, parentID: parent, name: filled("name", &reader) ?? id)
    }

    private static func user(_ reader: inout FieldReader, _ names: Names) -> User {
        User(
            id: id("id", names.id, &reader), orgID: reader.requiredText("org_id", .id), fullName: filled("full_name", &reader),
            email: email(&reader), emailVerified: reader.boolean("email_verified") ?? false, phone: filled("phone", &reader, .phone),
            locale: locale(&reader), chapterID: filled("chapter_id", &reader))
    }

    private static func certification(_ reader: inout FieldReader, _ names: Names) -> Certification {
        let before = reader.faults.count
        let id = id("id", names.id, &reader)
        let userID = self.id("user_id", names.userID, &reader)
        let name = reader.requiredText("name", .id)
        let expiresAt = time("expires_at", &reader)
        if expiresAt == nil, reader.faults.count == before { reader.fault("expires_at", "is required") }
        return Certification(id: id, userID: userID, name: name, expiresAt: expiresAt ?? Timestamp(microseconds: 0))
    }

    private static func mentor(_ reader: inout FieldReader, _ names: Names) -> Mentor {
        Mentor(
            id: id("id", names.id, &reader), orgID: reader.requiredText("org_id", .id), fullName: filled("full_name", &reader),
            email: email(&reader), phone: filled("phone", &reader, .phone), currentStatus: filled("current_status", &reader),
            pauseStartDate: time("pause_start_date", &reader), coordinatorIDs: coordinators(&reader))
    }

    /// An id that the path gives stands; the body may say it again, and nothing else.
    private static func id(_ name: String, _ given: String?, _ reader: inout FieldReader) -> String {
        guard let given else { return reader.requiredText(name, .id) }
        if let detail = given.isEmpty ? "must not be empty" : TextRule.id.fault(in: given) { reader.fault(name, "in the path \(detail)") }
        if let said = reader.text(name, .id), said != given { reader.fault(name, "says \(Printable.quoted(said)), but the path names another") }
        return given
    }

    /// An empty text says no more than none: CSV knows no difference.
    private static func filled(_ name: String, _ reader: inout FieldReader, _ rule: TextRule = .id) -> String? {
        guard let text = reader.text(name, rule), !text.isEmpty else { return nil }
        return text
    }

    private static func email(_ reader: inout FieldReader) -> String? {
        guard let address = filled("email", &reader, TextRule(limit: 254, lines: .one)) else { return nil }
        if let detail = MailAddress.fault(in: address) { reader.fault("email", detail) }
        return address
    }

    /// Subtags of RFC 5646 in their shape: which of them exist is not ours to know.
    private static func locale(_ reader: inout FieldReader) -> String? {
        guard let tag = filled("locale", &reader, TextRule(limit: 35, lines: .one)) else { return nil }
        let isTag = tag.split(separator: "-", omittingEmptySubsequences: false).allSatisfy { subtag in
            (1...8).contains(subtag.utf8.count) && subtag.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0 | 0x20) }
        }
        if !isTag { reader.fault("locale", "must be a BCP 47 tag such as nb or en-GB") }
        return tag
    }

    /// A moment, or a day, which stands for its first moment in UTC: what other systems export as dates.
    private static func time(_ name: String, _ reader: inout FieldReader) -> Timestamp? {
        guard let text = filled(name, &reader) else { return nil }
        if let time = Timestamp(rfc3339: text) ?? Timestamp(rfc3339: text + "T00:00:00Z") { return time }
        reader.fault(name, "must be an RFC 3339 time such as 2026-03-26T08:00:00Z, or a day such as 2026-03-26")
        return nil
    }

    private static func coordinators(_ reader: inout FieldReader) -> [String] {
        let ids = reader.texts("coordinator_ids", limit: coordinatorLimit) ?? []
        var seen: Set<String> = []
        for id in ids where !seen.insert(id).inserted { reader.fault("coordinator_ids", "names \(Printable.quoted(id)) more than once") }
        return ids
    }
}

extension TextRule {
    fileprivate static let phone = TextRule(limit: 64, lines: .one)
}
