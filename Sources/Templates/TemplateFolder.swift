internal import Foundation
public import Settings

extension Templates {
    public static var builtIn: Templates { BuiltInTemplates.templates }

    /// Where templates are looked for when nothing is configured.
    public static let defaultFolder = "config/templates"

    /// The compiled-in templates, and over them those of the folder: `NAME/LOCALE/subject.mustache`, `text.mustache` and `html.mustache`.
    ///
    /// A folder that is not there is a fault, unless it is the default one: the program can be started anywhere.
    public static func load(folder: String) -> (templates: Templates, faults: [SettingsFault]) {
        var loading = Loading(folder: folder)
        if folder == defaultFolder, !FileManager.default.fileExists(atPath: folder) { return (loading.templates, []) }
        loading.run()
        return (loading.templates, loading.faults)
    }

    private struct Loading {
        let folder: String
        var templates = Templates.builtIn
        var faults: [SettingsFault] = []

        init(folder: String) {
            self.folder = folder
        }

        mutating func run() {
            for entry in entries(of: folder) {
                guard entry.isFolder else {
                    misplaced(entry, in: folder)
                    continue
                }
                guard let name = TemplateName(rawValue: entry.name) else {
                    let names = TemplateName.allCases.map(\.rawValue)
                    let hint = SettingsText.nearest(to: entry.name, among: names).map { "did you mean \($0)?" }
                    note("\(folder)/\(entry.name)", "is no known template; \(hint ?? "known: \(names.joined(separator: ", "))")")
                    continue
                }
                load(name, from: "\(folder)/\(entry.name)")
            }
        }

        private mutating func load(_ name: TemplateName, from folder: String) {
            for entry in entries(of: folder) {
                guard entry.isFolder else {
                    misplaced(entry, in: folder)
                    continue
                }
                let path = "\(folder)/\(entry.name)"
                guard let locale = LocaleTag(entry.name) else {
                    note(path, "is named after no locale; write en, nb or pt-BR")
                    continue
                }
                guard let sources = sources(in: path) else { continue }
                var found: [SettingsFault] = []
                let template = MailTemplate(name, sources) { part, fault in
                    found.append(SettingsFault(file: "\(path)/\(part.fileName)", line: fault.line, path: "", message: fault.message))
                }
                faults += found
                if let template { templates.set(template, for: name, in: locale) }
            }
        }

        /// Nil when a file can't be read; a file that is missing is told by who knows which ones there have to be.
        private mutating func sources(in folder: String) -> [TemplatePart: String]? {
            var sources: [TemplatePart: String] = [:]
            let before = faults.count
            for entry in entries(of: folder) where entry.name.hasSuffix(TemplatePart.fileExtension) {
                let path = "\(folder)/\(entry.name)"
                guard let part = TemplatePart.allCases.first(where: { $0.fileName == entry.name }) else {
                    note(path, "is no part of a template; its parts are \(TemplatePart.allCases.map(\.fileName).joined(separator: ", "))")
                    continue
                }
                do throws(BoundedFile.Unreadable) {
                    sources[part] = try BoundedFile.text(path, limit: 64 * 1_024)
                } catch {
                    note(path, "can't be used: \(error.reason)")
                }
            }
            return faults.count == before ? sources : nil
        }

        /// A note to readers may lie anywhere, but a template in the wrong place would be one that is never used.
        private mutating func misplaced(_ entry: Entry, in folder: String) {
            guard entry.name.hasSuffix(TemplatePart.fileExtension) else { return }
            note("\(folder)/\(entry.name)", "lies where no template is looked for; it belongs into NAME/LOCALE/, as certification_reminder/en/ does")
        }

        private mutating func note(_ path: String, _ message: String) {
            faults.append(SettingsFault(file: path, line: nil, path: "", message: message))
        }

        private struct Entry {
            var name: String
            var isFolder: Bool
        }

        /// By name; hidden files are editors' own.
        private mutating func entries(of folder: String) -> [Entry] {
            do {
                return try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }.sorted().map { name in
                    var isFolder: ObjCBool = false
                    _ = FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder)
                    return Entry(name: name, isFolder: isFolder.boolValue)
                }
            } catch {
                note(folder, FileManager.default.fileExists(atPath: folder) ? "can't be read as a folder" : "there is no such folder")
                return []
            }
        }
    }
}
