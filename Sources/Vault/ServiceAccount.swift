import Domain

/// Reads the JSON that Google's console hands out for a service account, and names what is missing in it.
enum ServiceAccount {
    struct Fault: Error, CustomStringConvertible {
        var description: String
    }

    static func account(_ bytes: [UInt8]) throws(Fault) -> FCMAccount {
        let json: JSON
        do {
            json = try JSON(parsing: bytes)
        } catch {
            throw Fault(description: "holds no JSON (\(error)); download the service account's key again as JSON")
        }
        func member(_ name: String) throws(Fault) -> String {
            guard let text = json[name]?.string, !text.isEmpty else {
                throw Fault(description: "holds JSON without \"\(name)\"; it must be a service account's key as the console gives it")
            }
            return text
        }
        if let type = json["type"]?.string, type != "service_account" {
            throw Fault(description: "holds a key of the type \"\(type)\"; FCM needs one of the type \"service_account\"")
        }
        let tokenURI = try member("token_uri")
        guard tokenURI.hasPrefix("https://") || tokenURI.hasPrefix("http://") else {
            throw Fault(description: "holds JSON whose \"token_uri\" is no https:// address")
        }
        return FCMAccount(
            projectID: try member("project_id"), clientEmail: try member("client_email"), privateKeyID: try member("private_key_id"),
            privateKey: Secret(try member("private_key")), tokenURI: tokenURI)
    }
}
