internal import Mustache

/// A template in one language: all its parts, read and checked.
struct MailTemplate: Sendable {
    /// A header of that length is a fault in data; what a contract may show as a title is no longer either.
    private static let longestSubject = 1_024

    private let subject: MustacheTemplate
    private let text: MustacheTemplate
    private let html: MustacheTemplate

    /// - Parameter sources: every part.
    /// - Parameter note: told each fault, with the line in that part where it is known.
    /// - Returns: nil after a fault.
    init?(_ name: TemplateName, _ sources: [TemplatePart: String], note: (TemplatePart, TemplateFault) -> Void) {
        var parsed: [TemplatePart: MustacheTemplate] = [:]
        for part in TemplatePart.allCases {
            guard let source = sources[part] else {
                note(part, TemplateFault(nil, "is missing: a template has \(TemplatePart.allCases.map(\.fileName).joined(separator: ", "))"))
                continue
            }
            let faults = TagCheck(part: part, placeholders: name.placeholders).faults(in: source)
            for fault in faults { note(part, fault) }
            guard faults.isEmpty else { continue }
            do throws(TemplateFault) {
                let template = try MustacheTemplate(source, for: part)
                try template.tryOut(as: name)
                parsed[part] = template
            } catch {
                note(part, error)
            }
        }
        guard let subject = parsed[.subject], let text = parsed[.text], let html = parsed[.html] else { return nil }
        self.subject = subject
        self.text = text
        self.html = html
    }

    func render(_ facts: Facts) -> MailText {
        MailText(
            subject: subject.render(facts.values).onOneLine(limit: Self.longestSubject), text: text.render(facts.values),
            html: html.render(facts.values))
    }
}

/// What is wrong with a part of a template.
struct TemplateFault: Error, Sendable, Hashable {
    /// From 1.
    var line: Int?
    var message: String

    init(_ line: Int?, _ message: String) {
        self.line = line
        self.message = message
    }
}

extension MustacheTemplate {
    /// Mustache escapes for HTML unless told otherwise; on a line of its own, so that the lines that follow keep their meaning.
    private static let plainText = "{{% CONTENT_TYPE:TEXT}}\n"

    fileprivate init(_ source: String, for part: TemplatePart) throws(TemplateFault) {
        let isHTML = part == .html
        do {
            try self.init(string: isHTML ? source : Self.plainText + source)
        } catch let error as MustacheTemplate.ParserError {
            throw TemplateFault(error.context.lineNumber - (isHTML ? 0 : 1), Self.words(for: error.error))
        } catch {
            throw TemplateFault(nil, "is no Mustache template: \(error)")
        }
    }

    private static func words(for error: any Swift.Error) -> String {
        switch error as? MustacheTemplate.Error {
        case .sectionCloseNameIncorrect: "closes another section than the one that is open"
        // The library's reader fails with an error of its own where the text ends inside a tag.
        case .unfinishedName, nil: "has a tag that is not closed, or a name with characters that names don't have"
        case .expectedSectionEnd: "ends inside a section: {{/name}} is missing"
        case .invalidSetDelimiter, .transformAppliedToInheritanceSection, .illegalTokenInsideInheritSection, .textInsideInheritSection,
            .invalidConfigVariableSyntax, .unrecognisedConfigVariable:
            "is no Mustache template: \(error)"
        }
    }

    fileprivate func tryOut(as name: TemplateName) throws(TemplateFault) {
        for facts in name.samples where render(facts.values).onOneLine(limit: 16).isEmpty {
            let flags = facts.values.keys.filter { facts[flag: $0] }.sorted().joined(separator: ", ")
            let absent = name.placeholders.filter { facts.values[$0] == nil }.map { " and there is no \($0)" }.joined()
            throw TemplateFault(nil, "says nothing where \(flags) holds\(absent)")
        }
    }
}
