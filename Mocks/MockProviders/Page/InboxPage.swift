/// The page at `/`, on which a person sees what has come. It is one document: no other file, no network, no framework.
enum InboxPage {
    static let reply = Reply(
        status: 200,
        headers: [
            ("content-type", "text/html; charset=utf-8"), ("cache-control", "no-store"), ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            // Nothing from anywhere else, and mails in frames that may do nothing.
            (
                "content-security-policy",
                "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; frame-src 'self'; "
                    + "base-uri 'none'; form-action 'none'"
            ),
        ],
        body: Array(document.utf8))

    private static let document = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>mock-providers</title>
        <link rel="icon" href="data:,">
        <style>\(style)</style>
        </head>
        \(markup)
        <script>\(script)</script>
        </html>

        """
}
