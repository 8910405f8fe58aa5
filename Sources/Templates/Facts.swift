/// What a template can say, by placeholder: texts, and flags for sections. What is absent reads as nothing, and its section is left out.
struct Facts: Sendable {
    /// Names are people's own; a certificate of an epic's length is a mistake, and 100,000 mails would repeat it.
    private static let longest = 256

    private(set) var values: [String: any Sendable] = [:]

    subscript(text name: String) -> String? {
        get { values[name] as? String }
        set {
            guard let text = newValue?.onOneLine(limit: Self.longest), !text.isEmpty else { return values[name] = nil }
            values[name] = text
        }
    }

    subscript(flag name: String) -> Bool {
        get { values[name] as? Bool ?? false }
        set { values[name] = newValue }
    }
}

extension String {
    /// Without line breaks and control characters: they become spaces, runs of spaces one, and those at the ends go.
    func onOneLine(limit: Int) -> String {
        if isPlainLine(limit: limit) { return self }
        var line = String.UnicodeScalarView()
        var count = 0
        var isSpacePending = false
        for scalar in unicodeScalars {
            if scalar.isBlank {
                isSpacePending = count > 0
                continue
            }
            guard count + 1 < limit else {
                line.append("…")
                break
            }
            if isSpacePending {
                line.append(" ")
                count += 1
                isSpacePending = false
            }
            line.append(scalar)
            count += 1
        }
        return String(line)
    }

    /// True for what nearly every text is: visible ASCII with single spaces inside.
    private func isPlainLine(limit: Int) -> Bool {
        guard utf8.count < limit, utf8.first != 0x20, utf8.last != 0x20 else { return false }
        var previous: UInt8 = 0
        for byte in utf8 {
            guard (0x20..<0x7F).contains(byte), byte != 0x20 || previous != 0x20 else { return false }
            previous = byte
        }
        return true
    }
}

extension Unicode.Scalar {
    fileprivate var isBlank: Bool {
        if self == " " { return true }
        return switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
