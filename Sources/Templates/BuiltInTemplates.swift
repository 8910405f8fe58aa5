/// The texts that the program brings along, so that it can write mails wherever it is started. `config/templates` holds the same ones for people
/// to copy and change; a test keeps the two alike.
enum BuiltInTemplates {
    static let sources: [TemplateName: [String: [TemplatePart: String]]] = [
        .certificationReminder: ["en": english, "nb": norwegian]
    ]

    /// Faults here are ours, and a test finds them; the program would not start.
    static let templates: Templates = {
        var templates = Templates()
        for (name, locales) in sources {
            for (locale, parts) in locales {
                guard let tag = LocaleTag(locale), let template = MailTemplate(name, parts, note: { _, _ in }) else {
                    preconditionFailure("the built-in template \(name) is faulty in \(locale)")
                }
                templates.set(template, for: name, in: tag)
            }
        }
        return templates
    }()

    private static let english: [TemplatePart: String] = [
        .subject: """
        Your certification expires {{#today}}today{{/today}}{{#one_day}}in 1 day{{/one_day}}{{#many_days}}in {{days}} days{{/many_days}}

        """,
        .text: """
        Hello{{#full_name}} {{full_name}}{{/full_name}},

        your certification "{{certification}}" expires {{#today}}today{{/today}}{{#one_day}}in 1 day{{/one_day}}{{#many_days}}in {{days}} days{{/many_days}}, on {{expires_on}}.

        Please renew it before that day, so that you can go on without a break.

        """,
        .html: """
        <!DOCTYPE html>
        <html lang="en">
        <body>
        <p>Hello{{#full_name}} {{full_name}}{{/full_name}},</p>
        <p>your certification <strong>{{certification}}</strong> expires {{#today}}today{{/today}}{{#one_day}}in 1 day{{/one_day}}{{#many_days}}in {{days}} days{{/many_days}}, on {{expires_on}}.</p>
        <p>Please renew it before that day, so that you can go on without a break.</p>
        </body>
        </html>

        """,
    ]

    private static let norwegian: [TemplatePart: String] = [
        .subject: """
        Sertifiseringen din utløper {{#today}}i dag{{/today}}{{#one_day}}om 1 dag{{/one_day}}{{#many_days}}om {{days}} dager{{/many_days}}

        """,
        .text: """
        Hei{{#full_name}} {{full_name}}{{/full_name}},

        sertifiseringen din «{{certification}}» utløper {{#today}}i dag{{/today}}{{#one_day}}om 1 dag{{/one_day}}{{#many_days}}om {{days}} dager{{/many_days}}, {{expires_on}}.

        Forny den før den dagen, så kan du fortsette uten avbrudd.

        """,
        .html: """
        <!DOCTYPE html>
        <html lang="nb">
        <body>
        <p>Hei{{#full_name}} {{full_name}}{{/full_name}},</p>
        <p>sertifiseringen din <strong>{{certification}}</strong> utløper {{#today}}i dag{{/today}}{{#one_day}}om 1 dag{{/one_day}}{{#many_days}}om {{days}} dager{{/many_days}}, {{expires_on}}.</p>
        <p>Forny den før den dagen, så kan du fortsette uten avbrudd.</p>
        </body>
        </html>

        """,
    ]
}
