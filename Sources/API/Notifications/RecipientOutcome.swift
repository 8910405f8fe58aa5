import Domain

/// What a call to many users came to: who was reached, who was not and why.
struct RecipientOutcome: Sendable {
    private(set) var reached: [String] = []
    private var tally = BatchTally()
    private var failures: [(userID: String?, notificationID: String?, reason: String)] = []

    /// - Parameter id: the id that the contract shows for a notification.
    init(_ notifications: [Notification], id: (Notification) -> String, refusals: [RecipientList.Refusal]) {
        for notification in notifications {
            tally.count(notification)
            if notification.tally.status == .reached, let userID = notification.userID { reached.append(userID) }
            if let failure = notification.failure {
                failures.append((notification.userID, id(notification), failure))
            }
        }
        for refusal in refusals {
            tally.refuse()
            failures.append((refusal.userID, nil, refusal.reason))
        }
    }

    var failed: Int { tally.failed }

    func addRest(to answer: inout JSONObject) {
        tally.addRest(to: &answer)
    }

    /// Beyond what the contracts name: who was not reached, and why. Nothing where all were.
    func addFailures(to answer: inout JSONObject, as name: String) {
        if failures.isEmpty { return }
        answer["failures"] = .array(
            failures.map { failure in
                .object(
                    JSONObject(members: [
                        .init(key: name, value: JSON(failure.userID)), .init(key: "notification_id", value: JSON(failure.notificationID)),
                        .init(key: "error", value: .string(failure.reason)),
                    ]))
            })
    }
}
