extension Script {
    struct Malformed: Error {
        var message: String
    }

    /// `{"match": {"provider", "token" | "mailbox" | "to", "org", "credential", "stage", "nth", "run"}, "answer": {"status", "reason", "body",
    /// "headers", "retry_after", "retry_after_date", "delay_ms", "accepted", "timestamp", "pieces", "piece_delay_ms"}, "fault": …, "times": …}`;
    /// every member may be absent, an unknown one is an error. `run` is read by the control API, and `rate` by `Chaos`.
    init(json: JSON, more: Set<String> = []) throws(Malformed) {
        try Self.only(more.union(["match", "answer", "fault", "times"]), in: json, at: "the script")
        let match = json["match"] ?? .object([])
        try Self.only(["provider", "token", "mailbox", "to", "org", "credential", "stage", "nth", "run"], in: match, at: "match")
        self.init(
            provider: try Self.choice(match["provider"], "match.provider"),
            target: (match["token"] ?? match["mailbox"] ?? match["to"])?.text,
            org: match["org"]?.text,
            credential: match["credential"]?.text,
            stage: try Self.choice(match["stage"], "match.stage"),
            nth: try Self.count(match["nth"], "match.nth"),
            times: try Self.count(json["times"] ?? json["answer"]?["times"], "times"),
            answer: try ScriptedAnswer(json: json["answer"] ?? .object([]), fault: json["fault"] ?? json["answer"]?["fault"]))
        guard answer != ScriptedAnswer() else {
            throw Malformed(message: "the script says nothing: give an answer with status, reason, body or delay_ms, or a fault")
        }
    }

    static func only(_ names: Set<String>, in json: JSON, at place: String) throws(Malformed) {
        guard let members = json.members else { throw Malformed(message: "\(place) must be an object") }
        for member in members where !names.contains(member.key) {
            throw Malformed(message: "\(place) has no member \"\(member.key)\"; known are \(names.sorted().joined(separator: ", "))")
        }
    }

    static func choice<Choice: RawRepresentable<String> & CaseIterable>(_ value: JSON?, _ name: String) throws(Malformed) -> Choice? {
        guard let value else { return nil }
        guard let choice = value.text.flatMap({ Choice(rawValue: $0) }) else {
            throw Malformed(message: "\(name) must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    static func count(_ value: JSON?, _ name: String) throws(Malformed) -> Int? {
        guard let value else { return nil }
        guard let count = value.integer, count > 0, count < 1 << 31 else { throw Malformed(message: "\(name) must be a whole number above 0") }
        return Int(count)
    }

    var json: JSON {
        .object([
            "match": .object([
                "provider": provider.map { .string($0.rawValue) }, "to": target.map(JSON.string), "org": org.map(JSON.string),
                "credential": credential.map(JSON.string), "stage": stage.map { .string($0.rawValue) },
                "nth": nth.map(JSON.int),
            ]),
            "answer": answer.json, "fault": answer.fault.map { .string($0.rawValue) }, "times": times.map(JSON.int),
        ])
    }
}

extension ScriptedAnswer {
    init(json: JSON, fault: JSON?) throws(Script.Malformed) {
        try Script.only(
            [
                "status", "reason", "body", "headers", "retry_after", "retry_after_date", "delay_ms", "accepted", "timestamp", "pieces",
                "piece_delay_ms", "fault", "times",
            ], in: json, at: "answer")
        self.init()
        if let value = json["status"] {
            guard let status = value.integer, (200..<600).contains(status) else {
                throw Script.Malformed(message: "answer.status must be a status or reply code from 200 to 599")
            }
            self.status = Int(status)
        }
        reason = json["reason"]?.text
        // A body may be given as text, or as JSON to be sent as it is.
        body = json["body"].map { $0.text ?? String(decoding: $0.encoded, as: UTF8.self) }
        for member in json["headers"]?.members ?? [] { headers[member.key] = member.value.text }
        retryAfter = json["retry_after"].flatMap { $0.text ?? $0.integer.map(String.init) }
        if let seconds = try Script.count(json["retry_after_date"], "answer.retry_after_date") { retryAfterDate = .seconds(seconds) }
        if let milliseconds = json["delay_ms"]?.integer { delay = .milliseconds(milliseconds) }
        if let count = try Script.count(json["pieces"], "answer.pieces") { pieces = count }
        if let milliseconds = json["piece_delay_ms"]?.integer { pieceDelay = .milliseconds(milliseconds) }
        accepted = json["accepted"] == .bool(true)
        timestamp = json["timestamp"]?.integer
        self.fault = try Script.choice(fault, "fault")
    }

    var json: JSON {
        .object([
            "status": status.map(JSON.int), "reason": reason.map(JSON.string), "body": body.map(JSON.string),
            "headers": headers.isEmpty ? nil : .object(headers.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) }),
            "retry_after": retryAfter.map(JSON.string), "retry_after_date": retryAfterDate.map { .int($0.components.seconds) },
            "delay_ms": delay == .zero ? nil : .int(delay.milliseconds),
            "accepted": accepted ? true : nil, "timestamp": timestamp.map(JSON.int),
            "pieces": pieces == 1 ? nil : .int(pieces), "piece_delay_ms": pieceDelay == .zero ? nil : .int(pieceDelay.milliseconds),
        ])
    }
}
