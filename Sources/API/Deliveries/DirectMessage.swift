import DeliveryEngine
import Domain

/// The body of a direct dispatch: a target that the caller knows, and what to say to it.
struct DirectMessage: Sendable {
    let recipient: Draft.Recipient
    private let content: Content
    private let options: SendingOptions

    init(_ reader: inout FieldReader) {
        let recipient = Self.recipient(&reader)
        let isMail = if case .email = recipient { true } else { false }
        options = SendingOptions(&reader, providers: isMail ? [.smtp] : SendingOptions.pushProviders)
        content = Self.content(&reader, isMail: isMail, options)
        self.recipient = recipient ?? .user("")
    }

    func draft(id: String, orgID: String) -> Draft {
        Draft(
            id: id, contract: .direct, orgID: orgID, recipient: recipient, content: content, provider: options.provider,
            credential: options.credential, expiresAt: options.expiresAt)
    }

    /// Exactly one of `user_id`, `token` (with `platform` and `app`, if known) and `email`. Nil after a fault.
    private static func recipient(_ reader: inout FieldReader) -> Draft.Recipient? {
        let before = reader.faults.count
        guard let object = reader.object("to") else {
            if reader.faults.count == before { reader.fault("to", "is required: an object with user_id, token or email") }
            return nil
        }
        var inner = FieldReader(object, at: .member("to"))
        let recipient = recipient(in: &inner)
        reader.absorb(inner)
        return recipient
    }

    private static func recipient(in reader: inout FieldReader) -> Draft.Recipient? {
        let platform = reader.word("platform", of: Platform.allCases)
        let app = SendingOptions.app(&reader)
        let given = ["user_id", "token", "email"].filter { reader.value($0) != nil }
        guard given.count == 1, let name = given.first else {
            reader.fault(given.first ?? "user_id", "exactly one of user_id, token and email is required")
            return nil
        }
        if platform != nil, name != "token" { reader.fault("platform", "goes with token only") }
        if app != nil, name != "token" { reader.fault("app", "goes with token only: a registered token's app is known, a mail has none") }
        switch name {
        case "user_id": return .user(reader.requiredText("user_id", .id))
        case "token": return .token(reader.requiredText("token", .token), platform: platform, app: app)
        default:
            guard let address = reader.text("email", TextRule(limit: 254, lines: .one)) else { return nil }
            if let detail = MailAddress.fault(in: address) { reader.fault("email", detail) }
            return .email(address)
        }
    }

    private static func content(_ reader: inout FieldReader, isMail: Bool, _ options: SendingOptions) -> Content {
        // A mail's title is its Subject, a header of one line.
        let title = isMail ? reader.requiredText("title", .subject) : reader.text("title", .title)
        let body = reader.text("body", .body)
        let html = reader.text("html", .html)
        let data = reader.data()
        let unsubscribe = listUnsubscribe(&reader)
        if isMail {
            if isBlank(body), isBlank(html) { reader.fault("body", "body or html is required") }
        } else {
            if isBlank(title), isBlank(body), data == nil { reader.fault("title", "title, body or data is required") }
            if html != nil { reader.fault("html", "is for e-mail only") }
            if unsubscribe != nil { reader.fault("list_unsubscribe", "is for e-mail only") }
        }
        return Content(
            title: title, body: body, html: html, data: data, listUnsubscribe: unsubscribe, collapseID: options.collapseID,
            priority: options.priority)
    }

    private static func isBlank(_ text: String?) -> Bool { text?.isEmpty ?? true }

    /// RFC 8058 section 3.1 asks for an HTTPS URI; it ends up in a header between angle brackets.
    private static func listUnsubscribe(_ reader: inout FieldReader) -> String? {
        guard let text = reader.text("list_unsubscribe", TextRule(limit: 2_048, lines: .one)) else { return nil }
        let isAddress =
            text.lowercased().hasPrefix("https://") && text.utf8.count > 8
            && text.utf8.allSatisfy {
                (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">")
            }
        guard isAddress else {
            reader.fault("list_unsubscribe", "must be an https address in visible ASCII")
            return nil
        }
        return text
    }
}

extension TextRule {
    fileprivate static let subject = TextRule(limit: 1_024, lines: .one)
    fileprivate static let html = TextRule(limit: 262_144, lines: .many)
}
