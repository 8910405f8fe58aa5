import Domain
import Testing

@testable import Templates

struct TemplatesTests {
    /// Thursday, 26 March 2026, 11:00 UTC.
    static let now = Timestamp(rfc3339: "2026-03-26T11:00:00Z")!

    private func reminder(
        _ name: String? = "Ada Lovelace", certification: String = "Peer mentor", expires: String = "2026-04-25T00:00:00Z"
    ) throws -> CertificationReminder {
        CertificationReminder(
            fullName: name, certification: certification, expiresAt: try #require(Timestamp(rfc3339: expires)), now: Self.now)
    }

    @Test(arguments: [
        ("2026-04-25T00:00:00Z", "Your certification expires in 30 days", "Sertifiseringen din utløper om 30 dager"),
        ("2026-04-25T23:59:59Z", "Your certification expires in 30 days", "Sertifiseringen din utløper om 30 dager"),
        ("2026-03-28T00:00:00Z", "Your certification expires in 2 days", "Sertifiseringen din utløper om 2 dager"),
        ("2026-03-27T00:00:00Z", "Your certification expires in 1 day", "Sertifiseringen din utløper om 1 dag"),
        ("2026-03-26T23:59:59Z", "Your certification expires today", "Sertifiseringen din utløper i dag"),
        // Carried on after the day that it was begun for: never a negative number of days.
        ("2026-03-25T00:00:00Z", "Your certification expires today", "Sertifiseringen din utløper i dag"),
    ])
    func `the subject counts days as people do`(expires: String, english: String, norwegian: String) throws {
        let reminder = try reminder(expires: expires)
        #expect(Templates.builtIn.write(reminder, locale: nil).subject == english)
        #expect(Templates.builtIn.write(reminder, locale: "nb").subject == norwegian)
    }

    @Test func `the text names the person, the certification and the date`() throws {
        let mail = Templates.builtIn.write(try reminder(), locale: "en-GB")
        #expect(
            mail.text == """
                Hello Ada Lovelace,

                your certification "Peer mentor" expires in 30 days, on 25 April 2026.

                Please renew it before that day, so that you can go on without a break.

                """)
        #expect(mail.html.contains("<p>Hello Ada Lovelace,</p>"))
        #expect(mail.html.contains("<strong>Peer mentor</strong> expires in 30 days, on 25 April 2026."))
        #expect(Templates.builtIn.write(try reminder(nil), locale: nil).text.hasPrefix("Hello,\n"))
        #expect(Templates.builtIn.write(try reminder(" \n"), locale: nil).text.hasPrefix("Hello,\n"))
    }

    @Test(arguments: [
        (nil, "April 25, 2026"), ("en", "April 25, 2026"), ("en_GB", "25 April 2026"), ("nb", "25. april 2026"), ("nb-NO", "25. april 2026"),
        ("NB-no", "25. april 2026"), ("no", "25. april 2026"), ("nn-NO", "25. april 2026"), ("de-AT", "April 25, 2026"), ("", "April 25, 2026"),
        ("../nb", "April 25, 2026"), ("nb--NO", "April 25, 2026"),
    ])
    func `a locale falls back to its language, and then to English`(locale: String?, date: String) throws {
        let mail = Templates.builtIn.write(try reminder(), locale: locale)
        #expect(mail.text.contains(date), Comment(rawValue: mail.text))
        #expect(mail.text.hasPrefix(date.contains("april") ? "Hei" : "Hello"))
    }

    @Test func `data is escaped in HTML and nowhere else`() throws {
        let mail = Templates.builtIn.write(try reminder("Bjørn & <b>Sønn</b>", certification: "\"A\" & B"), locale: "en")
        #expect(mail.text.contains("Hello Bjørn & <b>Sønn</b>,"))
        #expect(mail.text.contains("\"\"A\" & B\""))
        #expect(mail.html.contains("Hello Bjørn &amp; &lt;b&gt;Sønn&lt;/b&gt;,"))
        #expect(mail.html.contains("<strong>&quot;A&quot; &amp; B</strong>"))
    }

    @Test(arguments: ["a\r\nBcc: x@example.org", "a\u{0}\u{85}b", "a\u{2028}b", "a\tb", "\u{1B}[31mred", " a  b "])
    func `no control character or line break gets from data into a mail`(name: String) throws {
        let template = try #require(
            MailTemplate(
                .certificationReminder, [.subject: "For {{full_name}}: {{certification}}", .text: "-{{full_name}}", .html: "-{{full_name}}"],
                note: { Issue.record("\($0) \($1)") }))
        let mail = template.render(try reminder(name, certification: name).facts(in: .default))
        for part in [mail.subject, mail.text, mail.html] {
            #expect(part.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control && $0 != "\u{2028}" }, "\(part.debugDescription)")
            #expect(!part.contains("  "))
        }
        #expect(mail.subject.hasPrefix("For "))
    }

    @Test func `an endless name is cut, and so is what it makes of a subject`() throws {
        let endless = String(repeating: "ø", count: 50_000)
        let mail = Templates.builtIn.write(try reminder(endless, certification: endless), locale: nil)
        #expect(mail.text.unicodeScalars.count < 1_000)
        #expect(mail.text.contains("ø…"))
        let long = "For " + String(repeating: "{{full_name}} ", count: 10)
        let template = try #require(
            MailTemplate(.certificationReminder, [.subject: long, .text: "x", .html: "x"], note: { Issue.record("\($0) \($1)") }))
        let subject = template.render(try reminder(endless).facts(in: .default)).subject
        #expect((1_000...1_024).contains(subject.unicodeScalars.count))
    }

    @Test func `a subject that is written on several lines arrives as one`() throws {
        let subject = """
            {{#today}}
            Expires
            today
            {{/today}}
            {{^today}}
            Expires in {{days}}
            {{/today}}
            """
        let template = try #require(
            MailTemplate(.certificationReminder, [.subject: subject, .text: "x", .html: "x"], note: { Issue.record("\($0) \($1)") }))
        #expect(template.render(try reminder().facts(in: .default)).subject == "Expires in 30")
        #expect(template.render(try reminder(expires: "2026-03-26T12:00:00Z").facts(in: .default)).subject == "Expires today")
    }
}
