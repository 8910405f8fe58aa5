import Domain

/// Writes the mail for one delivery: RFC 5322, MIME, RFC 8058, signed. The same delivery gives the same mail at each attempt, but for the signature's time.
struct MailComposer: Sendable {
    let from: Mailbox
    let signers: [DKIMSigner]

    /// Why a mail can't be written; the target and the credential are good.
    struct Fault: Error, Equatable {
        /// Last part of the verdict's rule.
        var rule: String
        /// Enhanced status code (RFC 3463) where one says the same.
        var reason: String
        var message: String
    }

    /// - Parameter now: the time of the signatures. The mail's own `Date` is the delivery's birth, whatever attempt this is.
    func compose(_ message: OutboundMessage, to recipient: MailAddress, now: Timestamp) throws(Fault) -> [UInt8] {
        let body = try Body(message.content, id: message.delivery.idText)
        var fields = [
            HeaderText.mailbox("From", from),
            HeaderText.mailbox("To", Mailbox(address: recipient)),
            HeaderText.unstructured("Subject", try subject(of: message.content, text: body.text)),
            "Date: \(message.delivery.createdAt.mailDate)",
            "Message-ID: <\(message.delivery.idText)@\(from.address.domain)>",
            "MIME-Version: 1.0",
            // RFC 3834: keeps holiday replies and mailing lists from answering.
            "Auto-Submitted: auto-generated",
        ]
        if let link = message.content.listUnsubscribe { fields += try unsubscription(link) }
        fields += body.fields
        let signatures = signers.map { $0.field(for: fields, body: body.bytes, at: now) }
        var out: [UInt8] = []
        out.reserveCapacity(body.bytes.count + 2_048)
        for field in signatures + fields {
            out += field.utf8
            out += [0x0D, 0x0A]
        }
        out += [0x0D, 0x0A]
        out += body.bytes
        return out
    }

    /// The title; without one the text's first line, because a mail with an empty subject looks like a fault and counts as one at spam filters.
    private func subject(of content: Content, text: String) throws(Fault) -> String {
        if let title = content.title, !title.allSatisfy({ $0 == " " }) {
            guard title.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
                throw Fault(
                    rule: "control_character", reason: "5.6.0",
                    message: "The title has a line break or another control character; a subject can't have any.")
            }
            return title
        }
        let line = text.split(whereSeparator: \.isNewline).lazy.map(Self.trimmed).first { !$0.isEmpty }
        guard let line else {
            throw Fault(rule: "empty", reason: "5.6.0", message: "There is neither a title nor a text to send.")
        }
        guard line.count > 78 else { return line }
        let cut = line.prefix(77)
        // At a word's end, unless that would throw away most of it.
        let space = cut.lastIndex(of: " ").flatMap { cut.distance(from: cut.startIndex, to: $0) >= 40 ? $0 : nil }
        return cut[..<(space ?? cut.endIndex)] + "…"
    }

    private static func trimmed(_ line: Substring) -> String {
        String(String.UnicodeScalarView(line.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
            .split(separator: " ").joined(separator: " ")
    }

    private func unsubscription(_ link: String) throws(Fault) -> [String] {
        let isURI = link.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") }
        guard isURI, link.lowercased().hasPrefix("https://"), link.utf8.count > 8, link.utf8.count <= 900 else {
            throw Fault(
                rule: "list_unsubscribe", reason: "5.6.0",
                message: "list_unsubscribe has to be an https address of at most 900 ASCII characters, without spaces or angle brackets (RFC 8058).")
        }
        let field = "List-Unsubscribe: <\(link)>"
        // An address can't be folded inside, but it may stand on a line of its own.
        return [field.utf8.count <= 76 ? field : "List-Unsubscribe:\r\n <\(link)>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"]
    }

    /// The content as one part, or as text and HTML to choose from.
    private struct Body {
        /// The text part before it was encoded.
        let text: String
        let fields: [String]
        let bytes: [UInt8]

        init(_ content: Content, id: String) throws(Fault) {
            let html = content.html.flatMap { $0.isEmpty ? nil : $0 }
            let given = content.body.flatMap { $0.isEmpty ? nil : $0 }
            text = given ?? html.map(PlainText.derived(fromHTML:)) ?? content.title ?? ""
            guard !text.isEmpty || html != nil else {
                throw Fault(rule: "empty", reason: "5.6.0", message: "There is neither a title nor a text to send.")
            }
            let plain = Part(type: "text/plain", text: text)
            guard let html else {
                fields = plain.fields
                bytes = plain.bytes
                return
            }
            let parts = [plain, Part(type: "text/html", text: html)]
            // "=_" stands in no quoted-printable or base 64 text (RFC 2045 section 6.7), and no sender knows a delivery's id beforehand.
            let boundary = "=_\(id)"
            fields = ["Content-Type: multipart/alternative;\r\n boundary=\"\(boundary)\""]
            // The last alternative is the best one (RFC 2046 section 5.1.4).
            var bytes: [UInt8] = []
            for part in parts {
                bytes += "--\(boundary)\r\n".utf8
                for field in part.fields { bytes += "\(field)\r\n".utf8 }
                bytes += "\r\n".utf8
                bytes += part.bytes
            }
            bytes += "--\(boundary)--\r\n".utf8
            self.bytes = bytes
        }
    }

    private struct Part {
        let fields: [String]
        let bytes: [UInt8]

        init(type: String, text: String) {
            let normalised = TransferEncoding.normalised(text)
            let encoding = TransferEncoding.choose(for: normalised)
            fields = ["Content-Type: \(type); charset=utf-8", "Content-Transfer-Encoding: \(encoding.rawValue)"]
            bytes = encoding.encode(normalised)
        }
    }
}
