import Domain

/// How the directory's endpoints show an entry: the fields with which it was put.
enum EntryShape {
    static func json(_ entry: DirectoryEntry) -> JSON {
        switch entry {
        case .organisation(let organisation): json(organisation)
        case .user(let user): json(user)
        case .certification(let certification): json(certification)
        case .mentor(let mentor): json(mentor)
        }
    }

    static func json(_ organisation: Organisation) -> JSON {
        ["id": .string(organisation.id), "parent_id": JSON(organisation.parentID), "name": .string(organisation.name)]
    }

    static func json(_ user: User) -> JSON {
        [
            "id": .string(user.id), "org_id": .string(user.orgID), "full_name": JSON(user.fullName), "email": JSON(user.email),
            "email_verified": .bool(user.emailVerified), "phone": JSON(user.phone), "locale": JSON(user.locale), "chapter_id": JSON(user.chapterID),
        ]
    }

    static func json(_ certification: Certification) -> JSON {
        [
            "id": .string(certification.id), "user_id": .string(certification.userID), "name": .string(certification.name),
            "expires_at": JSON(certification.expiresAt),
        ]
    }

    static func json(_ mentor: Mentor) -> JSON {
        [
            "id": .string(mentor.id), "org_id": .string(mentor.orgID), "full_name": JSON(mentor.fullName), "email": JSON(mentor.email),
            "phone": JSON(mentor.phone), "current_status": JSON(mentor.currentStatus), "pause_start_date": JSON(mentor.pauseStartDate),
            "coordinator_ids": .array(mentor.coordinatorIDs.map(JSON.string)),
        ]
    }
}
