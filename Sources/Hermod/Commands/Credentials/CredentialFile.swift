import Domain
import Foundation
import Settings

/// A file as a provider hands it out; what it holds is seen by what is in it, not by its name.
struct CredentialFile {
    /// Far above anything that providers hand out.
    static let limit = 131_072

    private let path: String
    private let contents: [UInt8]

    init(_ path: String) throws(StartFault) {
        self.path = path
        contents = try Self.bytes(path)
    }

    static func bytes(_ path: String) throws(StartFault) -> [UInt8] {
        do throws(BoundedFile.Unreadable) {
            return try BoundedFile.read(path, limit: limit)
        } catch {
            throw StartFault("\(path) can't be used: \(error.reason)")
        }
    }

    func add(to body: inout JSONObject) throws(StartFault) {
        let start = contents.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
        if start == UInt8(ascii: "{"), let text = String(validating: contents, as: UTF8.self) {
            body["service_account"] = .string(text)
        } else if start == UInt8(ascii: "-"), let text = String(validating: contents, as: UTF8.self) {
            body["private_key"] = .string(text)
            if let id = Self.keyID(ofFile: path) {
                body["key_id"] = .string(id)
                StandardStream.error.line("hermod: key id \(id), by the file's name")
            }
        } else if start == 0x30 {
            // A SEQUENCE in DER, as PKCS #12 begins.
            body["certificate"] = .string(Base64.encode(contents))
        } else {
            throw StartFault(
                "\(path) is neither an APNs key (.p8), nor a certificate (.p12), nor a service account (.json)",
                remedy: "give --from-file the file as the provider gave it")
        }
    }

    /// Apple names the files so, and writes the id nowhere else.
    static func keyID(ofFile path: String) -> String? {
        guard let name = path.split(separator: "/").last, let match = name.firstMatch(of: /^(?:file:)?AuthKey_([0-9A-Za-z]{10})\.p8$/) else {
            return nil
        }
        return String(match.1)
    }
}

enum Base64 {
    static func encode(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}
