internal import Domain

/// The texts of mails, by template and locale: compiled in, and overridden by the files of `templates.path`.
///
/// Faults are found when it is made; writing a mail can't fail.
public struct Templates: Sendable {
    /// The locale that is always there.
    static let defaultLocale = "en"

    private var templates: [TemplateName: [LocaleTag: MailTemplate]] = [:]

    init() {}

    mutating func set(_ template: MailTemplate, for name: TemplateName, in locale: LocaleTag) {
        templates[name, default: [:]][locale] = template
    }

    /// - Parameter locale: the reader's, a BCP 47 tag. One that is not known falls back: `nb-NO` to `nb`, and in the end to `en`.
    public func write(_ reminder: CertificationReminder, locale: String?) -> MailText {
        let wanted = LocaleTag(locale ?? Self.defaultLocale) ?? .default
        guard let all = templates[.certificationReminder], let (found, template) = wanted.choice(from: all) else {
            preconditionFailure("every template stands in \(Self.defaultLocale): the compiled-in ones are loaded first")
        }
        // A date in the reader's own spelling of the language, but never in another language than the text around it.
        return template.render(reminder.facts(in: found.isPrefix(of: wanted) ? wanted : found))
    }

    /// Locales of a template, for `config check` to tell.
    func locales(of name: TemplateName) -> [String] { (templates[name] ?? [:]).keys.map(\.text).sorted() }
}

/// A mail's parts, ready to be sent.
public struct MailText: Sendable, Hashable {
    /// One line without control characters, whatever stood in the data.
    public var subject: String
    public var text: String
    public var html: String
}
