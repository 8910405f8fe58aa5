import Domain
import Storage

/// What a bulk is asked to do: who is eligible, and how they are sent to. Kept with the bulk, so that it is the same when it is carried on.
struct BulkRequest: Sendable, Hashable {
    /// A year: what expires later is nothing to be reminded of, and a typo must not write to everybody.
    static let thresholds = 0...365

    var orgID: String
    /// Days as a calendar counts them, in UTC, today's being the first: the number that the mail will speak of, and not a number of hours.
    var daysThreshold: Int
    var includeSubOrgs: Bool
    var options: SendingOptions

    init(_ reader: inout FieldReader) {
        orgID = reader.requiredText("org_id", .id)
        daysThreshold = reader.requiredInteger("days_threshold", in: Self.thresholds)
        includeSubOrgs = reader.boolean("include_sub_orgs") ?? false
        // A bulk waits behind what its lane has to send to single people, unless it is told not to.
        let isUrgent = reader.value("priority") != nil
        options = SendingOptions(&reader, providers: [.smtp])
        if !isUrgent { options.priority = .normal }
    }

    /// - Parameter orgs: the org, and those below it where they were asked for, as they stand now.
    func bulk(id: String, orgs: Set<String>, now: Timestamp) -> Bulk {
        var parameters: JSONObject = [
            "days_threshold": .integer(daysThreshold), "orgs": .array(orgs.sorted().map { .string($0) }),
            "priority": .string(options.priority.rawValue),
        ]
        if let credential = options.credential { parameters["credential"] = .string(credential) }
        if let collapseID = options.collapseID { parameters["collapse_id"] = .string(collapseID) }
        if let expiresAt = options.expiresAt { parameters["expires_at"] = .integer(expiresAt.microseconds) }
        return Bulk(id: id, orgID: orgID, parameters: parameters, beganAt: now)
    }
}

extension Bulk {
    var daysThreshold: Int64 { parameters["days_threshold"]?.integer ?? 0 }

    /// In the order in which they are walked through.
    var orgs: [String] { parameters["orgs"]?.array?.compactMap(\.string) ?? [] }

    /// The last moment at which the certification of somebody eligible expires: the end of the last day, in UTC.
    var until: Timestamp {
        let day: Int64 = 86_400
        let today = beganAt.seconds / day
        return Timestamp(seconds: (today + daysThreshold + 1) * day) - .microseconds(1)
    }

    var options: SendingOptions {
        SendingOptions(
            provider: nil, credential: parameters["credential"]?.string,
            expiresAt: parameters["expires_at"]?.integer.map { Timestamp(microseconds: $0) }, collapseID: parameters["collapse_id"]?.string,
            priority: parameters["priority"]?.string.flatMap(Priority.init) ?? .normal)
    }
}
