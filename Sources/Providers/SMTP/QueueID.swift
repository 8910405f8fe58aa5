/// The name that a relay's queue gave a mail, as far as the text of its final reply shows one: what its operator needs to find it again.
enum QueueID {
    static func find(in text: String) -> String? {
        let words = text.split { $0 == " " || $0 == "\n" || $0 == "\t" }.map(String.init)
        for (index, word) in words.enumerated() {
            // Postfix and many others: `Ok: queued as 4TxyZz1abc`
            if word.lowercased() == "queued", index + 2 < words.count, words[index + 1].lowercased() == "as" { return id(words[index + 2]) }
            // Exim: `OK id=1rXyz-000123-AB`; Exchange: `[InternalId=123, Hostname=…] Queued mail for delivery`
            for prefix in ["id=", "[internalid="] where word.lowercased().hasPrefix(prefix) { return id(String(word.dropFirst(prefix.count))) }
            // Sendmail: `4AB1cdEf012345 Message accepted for delivery`
            if word == "Message", index > 0, words[(index + 1)...].prefix(3) == ["accepted", "for", "delivery"] { return id(words[index - 1]) }
        }
        // Amazon SES: `Ok 0102018f…-000000`
        if words.count == 2, words[0].lowercased() == "ok", words[1].count >= 16 { return id(words[1]) }
        return nil
    }

    private static func id(_ word: String) -> String? {
        let bytes = word.utf8.prefix { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || "-_.+@/".utf8.contains(byte)
        }
        var id = String(decoding: bytes, as: UTF8.self)
        while id.last == "." { id.removeLast() }
        return (4...128).contains(id.utf8.count) ? id : nil
    }
}
