/// What a token or mailbox says about its own fate: `ExponentPushToken[DeviceNotRegistered]`, `UNAVAILABLE-retry-after-30-x2…`.
///
/// The text is read as words of letters, digits, `_` and `.` with anything else between them. A known reason makes the answer; `x2` limits it
/// to the first two attempts; `delay-500ms`, `retry-after-30`, `fault-never` and `receipt` (Expo) add to it.
struct MagicWords: Sendable, Hashable {
    var answer = ScriptedAnswer()
    var times: Int?
    var stage: Script.Stage

    init(stage: Script.Stage) { self.stage = stage }

    /// Nil when the text holds no magic, as the texts of ordinary tokens do.
    init?(in text: some StringProtocol, stage: Script.Stage, isReason: (String) -> Bool) {
        self.stage = stage
        var found = false
        let words = text.split(whereSeparator: { !Self.isWordCharacter($0) }).map { String($0) }
        for (index, word) in words.enumerated() {
            let next = index + 1 < words.count ? words[index + 1] : nil
            switch word {
            case "delay":
                guard let delay = next.flatMap({ Duration(shorthand: $0) }) else { continue }
                answer.delay = delay
                found = true
            case "fault":
                guard let fault = next.flatMap(Fault.init(rawValue:)) else { continue }
                answer.fault = fault
                found = true
            case "retry":
                guard next == "after", index + 2 < words.count, Int(words[index + 2]) != nil else { continue }
                answer.retryAfter = words[index + 2]
            case "at":
                answer.timestamp = next.flatMap { Int64($0) }
            case "receipt":
                self.stage = .receipt
            default:
                if isReason(word) {
                    answer.reason = word
                    found = true
                } else if word.first == "x", let times = Int(word.dropFirst()), (1...1000).contains(times) {
                    self.times = times
                }
            }
        }
        guard found else { return nil }
    }

    private static func isWordCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || character == "_" || character == ".")
    }
}

extension Duration {
    /// `500ms`, `2s`, `5m`, `24h`, `30d`; nil for anything else.
    public init?(shorthand text: some StringProtocol) {
        let digits = text.prefix { $0.isNumber }
        guard let value = Int64(digits), value < 1_000_000_000 else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": self = .milliseconds(value)
        case "s", "": self = .seconds(value)
        case "m": self = .seconds(value * 60)
        case "h": self = .seconds(value * 3600)
        case "d": self = .seconds(value * 86_400)
        default: return nil
        }
    }

    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
