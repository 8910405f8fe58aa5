import Domain

/// Reads the JSON that Google's console hands out for a service account, and names what is missing in it.
enum ServiceAccount {
    struct Fault: Error {
        var message: String
        var remedy: String
    }

    static func account(_ bytes: [UInt8]) throws(Fault) -> FCMAccount {
        let json: JSON
        do {
            json = try JSON(parsing: bytes)
        } catch {
            throw Fault(message: "holds no JSON (\(error))", remedy: "download the service account's key again as JSON")
        }
        func member(_ name: String) -> String { json[name]?.string ?? "" }
        if let type = json["type"]?.string, type != "service_account" {
            throw Fault(
                message: "holds a key of the type \"\(type.prefix(40))\"",
                remedy: "FCM needs one of the type \"service_account\", made under Service accounts in the console")
        }
        let missing = ["project_id", "client_email", "private_key_id", "private_key", "token_uri"].filter { member($0).isEmpty }
        guard missing.isEmpty else {
            throw Fault(
                message: "holds JSON without \(missing.map { "\"\($0)\"" }.joined(separator: " and "))",
                remedy: "take the service account's key as the console gives it, whole and unchanged")
        }
        let tokenURI = member("token_uri")
        guard tokenURI.hasPrefix("https://") || tokenURI.hasPrefix("http://") else {
            throw Fault(
                message: "holds JSON whose \"token_uri\" is no https:// address", remedy: "take the service account's key as the console gives it")
        }
        return FCMAccount(
            projectID: member("project_id"), clientEmail: member("client_email"), privateKeyID: member("private_key_id"),
            privateKey: Secret(member("private_key")), tokenURI: tokenURI)
    }
}
