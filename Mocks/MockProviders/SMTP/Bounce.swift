/// The mail by which a relay that has accepted a mail tells its sender that it could not be delivered (RFC 3464).
struct Bounce {
    var sender: String
    var recipient: String
    /// RFC 3463: `5.1.1`.
    var status: String
    var original: [UInt8]
    /// Milliseconds since 1970.
    var now: Int64

    var messageID: String { "<bounce.\(now).\(UInt32.random(in: 0...UInt32.max))@mock-providers.invalid>" }

    /// Three parts: words for a person, fields for a program, the headers of what came back.
    func mail(id: String) -> [UInt8] {
        let boundary = "bounce-\(now)"
        let date = HTTPDate.text(of: now).replacing("GMT", with: "+0000")
        let lines = [
            "From: Mail Delivery System <mailer-daemon@mock-providers.invalid>", "To: <\(sender)>", "Subject: Undelivered Mail Returned to Sender",
            "Date: \(date)", "Message-ID: \(id)", "Auto-Submitted: auto-replied", "MIME-Version: 1.0",
            "Content-Type: multipart/report; report-type=delivery-status; boundary=\"\(boundary)\"", "",
            "--\(boundary)", "Content-Type: text/plain; charset=utf-8", "",
            "Your mail to <\(recipient)> could not be delivered: \(diagnostic).", "",
            "--\(boundary)", "Content-Type: message/delivery-status", "",
            "Reporting-MTA: dns; mock-providers.invalid", "Arrival-Date: \(date)", "",
            "Original-Recipient: rfc822;\(recipient)", "Final-Recipient: rfc822;\(recipient)", "Action: failed", "Status: \(status)",
            "Diagnostic-Code: smtp; \(diagnostic)", "",
            "--\(boundary)", "Content-Type: text/rfc822-headers", "",
        ]
        let headers = MailContent(original).headers.map { "\($0.name): \($0.value)" }
        return Array((lines + headers + ["", "--\(boundary)--", ""]).joined(separator: "\r\n").utf8)
    }

    private var diagnostic: String { "550 \(status) The recipient's server refused the mail" }
}
