import Domain

extension CredentialFacts {
    /// As they stand beside the sealed credential: all but the fingerprint.
    var storedText: String {
        let object: JSONObject = [
            "not_after": notAfter.map { .integer($0.microseconds) } ?? .null, "members": .object(members),
            "warnings": .array(warnings.map { .string($0) }),
        ]
        return object.text
    }

    /// - Parameter fingerprint: the one that was sealed; empty where it could not be opened.
    init(stored text: String, fingerprint: String) {
        let json = (try? JSON(parsing: text)) ?? .null
        self.init(
            notAfter: json["not_after"]?.integer.map { Timestamp(microseconds: $0) }, fingerprint: fingerprint,
            members: json["members"]?.object ?? [:],
            warnings: json["warnings"]?.array?.compactMap(\.string) ?? [])
    }
}
