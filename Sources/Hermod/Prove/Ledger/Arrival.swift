import Domain

/// What the mock says of one message that reached it.
struct Arrival: Sendable, Hashable {
    /// Nil for what is none of this run's, as a bounce.
    var notification: Int?
    /// The mock's own count, without gaps.
    var number: Int
    /// When, in milliseconds since the run began.
    var at: UInt32
    var isAccepted: Bool
    /// What was answered, in the provider's word, where it was no.
    var reason: String?
    /// By which the provider would know a repetition: apns-id or Message-ID. Nil where the provider has no such thing.
    var identity: String?
    var connection: UInt32
    /// The mock made the answer get lost, or said no although it took the message.
    var isAnswerLost: Bool
    /// The mock broke the whole connection, and with it the answers to others on it.
    var breaksConnection: Bool

    /// The mark of the device or mailbox.
    var target: UInt32

    /// Throws what can't be read: a message that is passed over would be one that nobody misses.
    ///
    /// - Parameter time: turns the mock's time into the run's.
    init(_ json: JSON, time: (Int64) -> UInt32) throws(StartFault) {
        guard let number = json["number"]?.integer, let at = json["received_at"]?.integer, let provider = json["provider"]?.string,
            let isAccepted = json["accepted"]?.bool, let to = json["to"]?.string
        else { throw StartFault("the mock lists a message in a form that is not known: \(json.text.prefix(300))") }
        self.number = Int(number)
        self.at = time(at)
        self.isAccepted = isAccepted
        notification = json["title"]?.string.flatMap(Cast.number(inTitle:)) ?? Cast.number(inAddress: to)
        target = Sighting.mark(of: to)
        reason = json["reason"]?.string
        identity = provider == "apns" || provider == "smtp" ? json["id"]?.string : nil
        connection = UInt32(truncatingIfNeeded: json["connection"]?.integer ?? 0)
        let fault = json["fault"]?.string
        let status = json["status"]?.integer ?? 200
        isAnswerLost = isAccepted && (fault.map(Self.losesAnswer) ?? (status >= 300))
        breaksConnection = fault.map(Self.breaks) ?? false
    }

    private static func losesAnswer(_ fault: String) -> Bool { fault != "goaway_after" }

    private static func breaks(_ fault: String) -> Bool {
        ["reset", "close_after_body", "close_mid_response", "stall", "goaway", "goaway_zero", "goaway_after"].contains(fault)
    }
}
