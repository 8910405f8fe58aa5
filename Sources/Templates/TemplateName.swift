/// The templates that the gateway writes mails from.
enum TemplateName: String, Sendable, CaseIterable {
    case certificationReminder = "certification_reminder"

    /// What may stand between the brackets.
    var placeholders: [String] {
        switch self {
        case .certificationReminder: CertificationReminder.placeholders
        }
    }

    /// Facts for every way in which a template can be read, to try it out on.
    var samples: [Facts] {
        switch self {
        case .certificationReminder: CertificationReminder.samples
        }
    }
}

/// The files of a template, one per part of the mail.
enum TemplatePart: String, Sendable, CaseIterable {
    case subject
    case text
    case html

    var fileName: String { rawValue + Self.fileExtension }

    static let fileExtension = ".mustache"
}
