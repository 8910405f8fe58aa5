import Foundation

/// What a person would read in a message, whichever provider brought it.
struct MessageContent: Sendable {
    /// Title of a push, subject of a mail.
    var title: String?
    var body: String?
    var html: String?
    private let others: [String]

    init(_ message: ReceivedMessage) {
        others = [message.target, message.id, message.identity, message.reason, message.sender, message.org].compactMap { $0 }
        switch message.provider {
        case .smtp:
            let mail = MailContent(message.payload)
            title = mail.subject
            body = mail.text
            html = mail.html
        case .apns, .fcm, .expo:
            guard let payload = try? JSON(parsing: message.payload) else { return }
            let content =
                switch message.provider {
                case .apns: PushContent(apns: payload)
                case .fcm: PushContent(fcm: payload)
                case .expo, .smtp: PushContent(expo: payload)
                }
            title = content.title
            body = content.body
        }
    }

    func contains(_ text: String) -> Bool {
        for part in [title, body, html].compactMap({ $0 }) + others where part.range(of: text, options: [.caseInsensitive]) != nil { return true }
        return false
    }

    /// What a test would click or type in.
    var findings: TextFindings {
        var findings = TextFindings()
        if let html {
            findings.readHTML(html)
            // The text part says the same again; only without one do the codes come from the HTML.
            if body == nil { findings.readCodes(TextFindings.stripped(html)) }
        }
        if let body { findings.readText(body) }
        if let title { findings.readCodes(title) }
        return findings
    }
}
