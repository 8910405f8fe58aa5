import Domain
import Foundation
import Settings
import Testing

@testable import Templates

/// What people write into `templates.path`, and what they are told about it.
struct TemplateFolderTests {
    private static let good = ["subject": "S {{days}}\n", "text": "T {{full_name}}\n", "html": "<p>{{full_name}}</p>\n"]
    private static let reminder = CertificationReminder(
        fullName: "Ada", certification: "C", expiresAt: TemplatesTests.now + .seconds(86_400 * 5), now: TemplatesTests.now)

    /// - Parameter files: by path below the folder.
    private func load(_ files: [String: String]) throws -> (templates: Templates, faults: [String]) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hermod-templates-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (path, text) in files {
            let file = folder.appendingPathComponent(path)
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        let loaded = Templates.load(folder: folder.path)
        return (loaded.templates, loaded.faults.map { $0.description.replacing(folder.path + "/", with: "").replacing(folder.path, with: "FOLDER") })
    }

    /// - Parameter change: other texts for parts; nil leaves the part out.
    private func files(_ locale: String, _ change: [String: String?] = [:]) -> [String: String] {
        var files: [String: String] = [:]
        for (part, text) in Self.good {
            let text = change[part] ?? text
            if let text { files["certification_reminder/\(locale)/\(part).mustache"] = text }
        }
        return files
    }

    @Test func `the folder that is shipped says what the program says without it`() throws {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let folder = package.appendingPathComponent("config/templates")
        for (name, locales) in BuiltInTemplates.sources {
            let shipped = try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent(name.rawValue).path)
            #expect(Set(shipped) == Set(locales.keys))
            for (locale, parts) in locales {
                for (part, text) in parts {
                    let file = folder.appendingPathComponent("\(name.rawValue)/\(locale)/\(part.fileName)")
                    #expect(try String(contentsOf: file, encoding: .utf8) == text, "\(file.path)")
                }
            }
        }
        #expect(Templates.load(folder: folder.path).faults == [])
    }

    @Test func `a folder that nobody named need not be there, one that somebody named must`() {
        let elsewhere = Templates.load(folder: "/no/such/folder")
        #expect(elsewhere.faults.map(\.description) == ["/no/such/folder: there is no such folder"])
        #expect(elsewhere.templates.write(Self.reminder, locale: nil).subject == "Your certification expires in 5 days")
        // Tests run in the package's folder or elsewhere: either way there is nothing to complain of.
        #expect(Templates.load(folder: Templates.defaultFolder).faults == [])
    }

    @Test func `files go before what is compiled in, locale by locale`() throws {
        let loaded = try load(files("nb").merging(files("pt-BR")) { $1 }.merging(["README.md": "for people", ".hidden.mustache": "{{"]) { $1 })
        #expect(loaded.faults == [])
        #expect(loaded.templates.write(Self.reminder, locale: "nb-NO").subject == "S 5")
        #expect(loaded.templates.write(Self.reminder, locale: "pt_br").text == "T Ada\n")
        #expect(loaded.templates.write(Self.reminder, locale: "pt").subject == "Your certification expires in 5 days")
        #expect(loaded.templates.locales(of: .certificationReminder) == ["en", "nb", "pt-br"])
    }

    @Test(arguments: [
        ("text", "one\n\nHello {{#full_name}}x", "text.mustache:3: ends inside a section: {{/name}} is missing"),
        ("subject", "{{#today}}a{{/one_day}}", "subject.mustache:1: closes another section than the one that is open"),
        ("html", "a\nb {{full_name", "html.mustache:2: has a tag that is not closed, or a name with characters that names don't have"),
        ("text", "a\n{{ful_name}}", "text.mustache:2: \"ful_name\" is no placeholder; did you mean full_name?"),
        (
            "text", "{{#today}}\n{{^today}}{{nonsense_here_now}}{{/today}}{{/today}}x",
            "text.mustache:2: \"nonsense_here_now\" is no placeholder; known here:"
        ),
        ("html", "<p>{{{full_name}}}</p>", "html.mustache:1: must not put \"{full_name\" into HTML unescaped; write {{name}}"),
        ("html", "<p>{{& full_name}}</p>", "html.mustache:1: must not put \"&full_name\" into HTML unescaped; write {{name}}"),
        ("subject", "{{> other}}", "subject.mustache:1: must not use {{>…}}: a template has names, sections and comments"),
        ("text", "a{{=<% %>=}}", "text.mustache:1: must not use {{=…}}"),
        ("text", "{{uppercased(full_name)}}", "text.mustache:1: \"uppercased(full_name)\" is no placeholder"),
        ("text", "{{.}}", "text.mustache:1: \".\" is no placeholder"),
        ("text", "a\n{{}}", "text.mustache:2: has an empty tag"),
        ("subject", " \n", "subject.mustache: says nothing where today holds and there is no full_name"),
        ("subject", "{{#many_days}}{{days}}{{/many_days}}", "subject.mustache: says nothing where today holds and there is no full_name"),
    ])
    func `a fault is told with its file and line`(part: String, text: String, expected: String) throws {
        let loaded = try load(files("en", [part: text]))
        #expect(loaded.faults.count == 1)
        #expect(loaded.faults.first?.hasPrefix("certification_reminder/en/" + expected) == true, "\(loaded.faults)")
    }

    @Test func `every fault is told at once, and what is whole is used`() throws {
        var all = files("en", ["html": nil, "text": "{{x}}{{y}}"]).merging(files("nb")) { $1 }
        all["certification_remainder/en/subject.mustache"] = "x"
        all["subject.mustache"] = "x"
        all["certification_reminder/text.mustache"] = "x"
        all["certification_reminder/!/text.mustache"] = "x"
        all["certification_reminder/de/txt.mustache"] = "x"
        let loaded = try load(all)
        #expect(
            loaded.faults == [
                "certification_remainder: is no known template; did you mean certification_reminder?",
                "certification_reminder/!: is named after no locale; write en, nb or pt-BR",
                "certification_reminder/de/txt.mustache: is no part of a template; its parts are subject.mustache, text.mustache, html.mustache",
                "certification_reminder/en/text.mustache:1: \"x\" is no placeholder; known here: full_name, certification, days, expires_on, today, one_day, many_days",
                "certification_reminder/en/text.mustache:1: \"y\" is no placeholder; known here: full_name, certification, days, expires_on, today, one_day, many_days",
                "certification_reminder/en/html.mustache: is missing: a template has subject.mustache, text.mustache, html.mustache",
                "certification_reminder/text.mustache: lies where no template is looked for; it belongs into NAME/LOCALE/, as certification_reminder/en/ does",
                "subject.mustache: lies where no template is looked for; it belongs into NAME/LOCALE/, as certification_reminder/en/ does",
            ])
        #expect(loaded.templates.write(Self.reminder, locale: "nb").subject == "S 5")
        #expect(loaded.templates.write(Self.reminder, locale: "en").subject == "Your certification expires in 5 days")
    }

    @Test func `a comment may say anything, and plain text may have single brackets`() throws {
        let loaded = try load(files("en", ["text": "{{! {unknown} <html> & all }}{a} } { {{days}}"]))
        #expect(loaded.faults == [])
        #expect(loaded.templates.write(Self.reminder, locale: nil).text == "{a} } { 5")
    }
}
