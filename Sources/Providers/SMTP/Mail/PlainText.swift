/// The text part of a mail that was given as HTML alone: what a reader without HTML, a preview and a spam filter get to see.
enum PlainText {
    /// Words, line breaks, list items and link targets of `html`; no attempt at layout.
    static func derived(fromHTML html: String) -> String {
        var reader = Reader(Array(html.unicodeScalars))
        return reader.read()
    }

    private struct Reader {
        let scalars: [Unicode.Scalar]
        var index = 0
        var lines: [String] = []
        var line = ""
        /// White space was read; it becomes a single space if a word follows on the same line.
        var isSpaced = false
        var links: [(target: String, shown: Int)] = []

        init(_ scalars: [Unicode.Scalar]) { self.scalars = scalars }

        mutating func read() -> String {
            while index < scalars.count {
                switch scalars[index] {
                case "<": readTag()
                case "&": append(readEntity())
                case " ", "\t", "\r", "\n":
                    isSpaced = true
                    index += 1
                default:
                    append(String(scalars[index]))
                    index += 1
                }
            }
            breakLine()
            while lines.last?.isEmpty == true { lines.removeLast() }
            return lines.joined(separator: "\n")
        }

        private mutating func append(_ text: String) {
            if isSpaced, !line.isEmpty { line += " " }
            isSpaced = false
            line += text
        }

        private mutating func breakLine() {
            if !(line.isEmpty && (lines.isEmpty || lines.last?.isEmpty == true)) { lines.append(line) }
            line = ""
            isSpaced = false
        }

        private mutating func paragraph() {
            if !line.isEmpty { breakLine() }
            if lines.last?.isEmpty == false { lines.append("") }
        }

        private mutating func readTag() {
            if starts(with: "<!--") {
                skip(past: "-->")
                return
            }
            let start = index
            var quote: Unicode.Scalar?
            while index < scalars.count {
                let scalar = scalars[index]
                index += 1
                if let open = quote {
                    if scalar == open { quote = nil }
                } else if scalar == "\"" || scalar == "'" {
                    quote = scalar
                } else if scalar == ">" {
                    break
                }
            }
            let tag = text(scalars[start..<index].dropFirst().dropLast())
            let isEnd = tag.hasPrefix("/")
            let name = tag.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }.lowercased()
            switch name {
            case "script", "style", "head", "title", "template": if !isEnd, !tag.hasSuffix("/") { skip(past: "</\(name)") }
            case "br": breakLine()
            case "p", "div", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "section", "article", "header", "footer", "hr":
                paragraph()
            case "tr", "dt", "dd": if !line.isEmpty { breakLine() }
            case "td", "th": isSpaced = true
            case "li":
                if !line.isEmpty { breakLine() }
                if !isEnd { line = "- " }
                isSpaced = false
            case "a": isEnd ? closeLink() : links.append((target(of: tag), line.count))
            default: break
            }
        }

        /// `word (https://…)`, unless the link shows its own address.
        private mutating func closeLink() {
            guard let (target, shown) = links.popLast(), target.hasPrefix("http") || target.hasPrefix("mailto:") else { return }
            let words = line.dropFirst(min(shown, line.count))
            if !words.contains(target), target != "mailto:" + words { append(" (\(target))") }
        }

        private func target(of tag: String) -> String {
            guard let range = tag.range(of: "href", caseInsensitive: true) else { return "" }
            var rest = tag[range.upperBound...].drop { $0 == " " }
            guard rest.first == "=" else { return "" }
            rest = rest.dropFirst().drop { $0 == " " }
            let value: Substring
            if let quote = rest.first, quote == "\"" || quote == "'" {
                value = rest.dropFirst().prefix { $0 != quote }
            } else {
                value = rest.prefix { $0 != " " }
            }
            var reader = Reader(Array(value.unicodeScalars))
            return reader.read()
        }

        private mutating func readEntity() -> String {
            let limit = min(scalars.count, index + 12)
            guard let end = scalars[index..<limit].firstIndex(of: ";") else {
                index += 1
                return "&"
            }
            let name = text(scalars[(index + 1)..<end])
            let value = Self.entity(name)
            index = value == nil ? index + 1 : end + 1
            return value ?? "&"
        }

        private static func entity(_ name: String) -> String? {
            if name.hasPrefix("#") {
                let digits = name.dropFirst()
                let value = digits.lowercased().hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
                return value.flatMap(Unicode.Scalar.init).map { $0.value < 0x20 ? " " : String($0) }
            }
            return named[name]
        }

        private static let named = [
            "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "copy": "©", "reg": "®", "trade": "™", "hellip": "…",
            "ndash": "–", "mdash": "—", "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”", "laquo": "«", "raquo": "»", "bull": "•",
            "middot": "·", "euro": "€", "pound": "£", "yen": "¥", "cent": "¢", "sect": "§", "deg": "°", "times": "×", "shy": "", "zwnj": "",
            "auml": "ä", "ouml": "ö", "uuml": "ü", "Auml": "Ä", "Ouml": "Ö", "Uuml": "Ü", "szlig": "ß", "eacute": "é", "egrave": "è",
            "agrave": "à", "aacute": "á", "ccedil": "ç", "ntilde": "ñ", "oslash": "ø", "aring": "å", "aelig": "æ",
        ]

        private func starts(with text: String) -> Bool { scalars[index...].starts(with: text.unicodeScalars) }

        /// Goes behind the next `text`, whatever its case, and behind the tag it opens; to the end if there is none.
        private mutating func skip(past text: String) {
            let wanted = Array(text.unicodeScalars)
            while index < scalars.count {
                if scalars[index] == wanted[0],
                    scalars[index...].prefix(wanted.count).elementsEqual(wanted, by: { $0.properties.lowercaseMapping == String($1) })
                {
                    index += wanted.count
                    if wanted.last != ">" {
                        while index < scalars.count, scalars[index] != ">" { index += 1 }
                        index = min(index + 1, scalars.count)
                    }
                    return
                }
                index += 1
            }
        }

        private func text(_ slice: ArraySlice<Unicode.Scalar>) -> String {
            var out = ""
            out.unicodeScalars.append(contentsOf: slice)
            return out
        }
    }
}

extension String {
    fileprivate func range(of word: String, caseInsensitive: Bool) -> Range<String.Index>? {
        let lowered = caseInsensitive ? word.lowercased() : word
        var start = startIndex
        while start < endIndex {
            if let end = index(start, offsetBy: word.count, limitedBy: endIndex),
                (caseInsensitive ? self[start..<end].lowercased() : String(self[start..<end])) == lowered
            {
                return start..<end
            }
            start = index(after: start)
        }
        return nil
    }
}
