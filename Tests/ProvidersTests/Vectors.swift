import Domain
import Foundation
import Testing
import Transport

@testable import Providers

/// The published vectors as they stand in the files; docs/verdicts.md describes them.
struct VectorFile {
    let json: JSON
    let now: Timestamp
    let token: String

    init(_ name: String) throws {
        let url = try #require(Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Vectors"))
        json = try JSON(parsing: [UInt8](Data(contentsOf: url)))
        now = json["now"]?.string.flatMap { Timestamp(rfc3339: $0) } ?? Timestamp(seconds: 0)
        token = json["token"]?.string ?? ""
    }

    var vectors: [Vector] { (json["vectors"]?.array ?? []).map { Vector(json: $0) } }
}

struct Vector {
    let json: JSON

    var name: String { json["name"]?.string ?? "" }
    var endpoint: String? { json["endpoint"]?.string }
    var marks: [String] { strings("marks") }

    var response: HTTPResponse {
        HTTPResponse(
            status: Int(json["status"]?.integer ?? 0), headers: (json["headers"]?.object?.members ?? []).map { ($0.key, $0.value.string ?? "") },
            body: Array((json["body"]?.string ?? "").utf8), isTruncated: json["truncated"]?.bool ?? false)
    }

    func strings(_ key: String) -> [String] { (json[key]?.array ?? []).compactMap(\.string) }
}

extension Outcome {
    /// As it stands in a vector, without the detail: that is for people.
    var vector: JSONObject {
        var fields: [String: JSON] = ["rule": .string(rule)]
        func seconds(_ duration: Duration) -> JSON? { duration == .zero ? nil : .integer(duration.components.seconds) }
        switch verdict {
        case .accepted: fields["action"] = "OK"
        case .awaitingReceipt:
            fields["action"] = "OK"
            fields["receipt"] = true
        case .deferred(let wait):
            fields["action"] = "RETRY"
            fields["scope"] =
                switch wait.scope {
                case .delivery: "delivery"
                case .target: "target"
                case .lane: "lane"
                }
            fields["floor"] = seconds(wait.floor)
            fields["retry_after"] = wait.retryAfter.flatMap(seconds)
        case .refreshed(let afterwards):
            fields["action"] = "RETRY_ONCE"
            switch afterwards {
            case .deferred: fields["afterwards"] = "RETRY"
            case .credentialRefused: fields["afterwards"] = "CRED"
            // No table knows of versions.
            case .otherVersion: fields["afterwards"] = "VERSION"
            }
        case .rejected: fields["action"] = "PERM"
        case .misbuilt: fields["action"] = "BUG"
        case .recipientGone(let asOf):
            fields["action"] = "TOKEN"
            fields["as_of"] = asOf.map { .integer($0.milliseconds) }
        case .credentialRefused: fields["action"] = "CRED"
        case .split(let label):
            fields["action"] = "SPLIT"
            fields["label"] = .string(label)
        case .unknown(let resend):
            fields["action"] = "AMBIG"
            fields["resend"] = .bool(resend)
        }
        fields["reason"] = reason.map { .string($0) }
        fields["id"] = providerMessageID.map { .string($0) }
        if suspectsCredential { fields["suspects_credential"] = true }
        if blamesProvider { fields["blames_provider"] = true }
        return JSONObject(members: fields.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: $0.value) })
    }
}

extension JSONObject {
    var sorted: JSONObject { JSONObject(members: members.sorted { $0.key < $1.key }) }
}
