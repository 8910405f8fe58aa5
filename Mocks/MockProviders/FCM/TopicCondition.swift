/// A `condition` of FCM's: `'news' in topics && ('oslo' in topics || !('de' in topics))`, over up to five topics.
///
/// Parentheses come first, then it is read from left to right ("Send messages to topics"): `&&` does not bind more closely than `||`.
indirect enum TopicCondition: Sendable, Hashable {
    case topic(String)
    case not(TopicCondition)
    case both(TopicCondition, TopicCondition)
    case either(TopicCondition, TopicCondition)

    static let topicLimit = 5
    private static let depthLimit = 20

    /// Nil for what FCM would refuse.
    init?(_ text: String) {
        var reader = Reader(rest: text[...])
        guard let read = reader.expression(depth: 0), reader.isAtEnd, (1...Self.topicLimit).contains(reader.topics) else { return nil }
        self = read
    }

    func holds(for topics: Set<String>) -> Bool {
        switch self {
        case .topic(let name): topics.contains(name)
        case .not(let condition): !condition.holds(for: topics)
        case .both(let first, let second): first.holds(for: topics) && second.holds(for: topics)
        case .either(let first, let second): first.holds(for: topics) || second.holds(for: topics)
        }
    }

    private struct Reader {
        var rest: Substring
        var topics = 0

        var isAtEnd: Bool { rest.allSatisfy(\.isWhitespace) }

        private mutating func skip(_ word: String) -> Bool {
            rest = rest.drop(while: \.isWhitespace)
            guard rest.hasPrefix(word) else { return false }
            rest.removeFirst(word.count)
            return true
        }

        mutating func expression(depth: Int) -> TopicCondition? {
            guard depth < TopicCondition.depthLimit, var read = operand(depth: depth) else { return nil }
            while true {
                if skip("&&") {
                    guard let next = operand(depth: depth) else { return nil }
                    read = .both(read, next)
                } else if skip("||") {
                    guard let next = operand(depth: depth) else { return nil }
                    read = .either(read, next)
                } else {
                    return read
                }
            }
        }

        private mutating func operand(depth: Int) -> TopicCondition? {
            if skip("!") {
                guard depth < TopicCondition.depthLimit, let operand = operand(depth: depth + 1) else { return nil }
                return .not(operand)
            }
            if skip("(") {
                guard let inner = expression(depth: depth + 1), skip(")") else { return nil }
                return inner
            }
            rest = rest.drop(while: \.isWhitespace)
            guard let found = rest.prefixMatch(of: #/'([a-zA-Z0-9\-_.~%]+)'\s+in\s+topics/#) else { return nil }
            rest = rest[found.range.upperBound...]
            topics += 1
            return .topic(String(found.1))
        }
    }
}
