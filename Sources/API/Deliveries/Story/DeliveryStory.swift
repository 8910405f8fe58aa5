import DeliveryEngine
import Domain
import Storage

/// Why a delivery did or did not arrive, in one answer: a sentence, what to do about it, all that happened in the order of time, and how its lane is.
///
/// Says what is stored and what follows from it, and nothing else.
struct DeliveryStory {
    let history: DeliveryHistory
    /// Nil for a lane that has not been used since this gateway's start.
    let lane: LaneState?
    let now: Timestamp
    /// The plain words for a rule of the verdict tables.
    let ruleWords: @Sendable (String) -> String?

    var json: JSON {
        let summary = StorySummary(story: self)
        var story: JSONObject = ["summary": .string(summary.text), "remedy": JSON(summary.remedy)]
        for member in DeliveryShape.item(history.delivery).members { story[member.key] = member.value }
        story["timeline"] = .array(StoryTimeline(story: self).events)
        story["lane"] = DeliveryShape.lane(history.delivery.lane, lane)
        return .object(story)
    }

    var delivery: Delivery { history.delivery }

    /// The attempt that the delivery's state goes back to.
    var lastAttempt: Attempt? { history.attempts.last }

    /// It failed before anything was tried: what intake decides, it decides at the moment of acceptance.
    var isRefusedAtOnce: Bool {
        guard history.attempts.isEmpty, !history.events.contains(where: { $0.kind == .retried }) else { return false }
        return delivery.state == .failed && delivery.settledAt == delivery.createdAt
    }
}
