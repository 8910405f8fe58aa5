import Domain

/// The JSON body: `aps` from the content, the members of `data` beside it.
///
/// An object `aps` in `data` is laid over ours, member by member, so that a sender can set `badge`, `category`, `thread-id`, `mutable-content`
/// or its own `sound` and `alert`.
struct APNsPayload: Sendable {
    let bytes: [UInt8]
    /// Nothing to show, sound or count: wakes the app only.
    let isBackground: Bool

    init(_ content: Content, for pushType: APNsPushType) throws(RequestFault) {
        let aps = try Self.overlay(content.data)
        let hasAlert = content.title?.isEmpty == false || content.body?.isEmpty == false
        let isVisible = hasAlert || aps.members.contains { $0.key == "alert" || $0.key == "badge" || $0.key == "sound" }
        isBackground = pushType == .alert && !isVisible

        var out: [UInt8] = []
        out.reserveCapacity(512)
        out.append(contentsOf: #"{"aps":{"#.utf8)
        if hasAlert, aps["alert"] == nil { Self.writeAlert(content, to: &out) }
        if hasAlert, content.priority == .high, aps["sound"] == nil { out.append(contentsOf: #""sound":"default","#.utf8) }
        if isBackground, aps["content-available"] == nil { out.append(contentsOf: #""content-available":1,"#.utf8) }
        for member in aps.members { Self.write(member, to: &out) }
        Self.dropComma(&out)
        out.append(contentsOf: "},".utf8)
        for member in content.data?.distinctMembers ?? [] where member.key != "aps" { Self.write(member, to: &out) }
        Self.dropComma(&out)
        out.append(UInt8(ascii: "}"))

        guard out.count <= pushType.payloadLimit else {
            throw RequestFault(.payloadTooLarge, "the payload has \(out.count) bytes; APNs takes \(pushType.payloadLimit)")
        }
        bytes = out
    }

    private static func overlay(_ data: JSONObject?) throws(RequestFault) -> JSONObject {
        guard let value = data?["aps"] else { return JSONObject() }
        guard let object = value.object else { throw RequestFault(.badAps, "the member aps of data is no object") }
        return JSONObject(members: object.distinctMembers)
    }

    private static func writeAlert(_ content: Content, to out: inout [UInt8]) {
        out.append(contentsOf: #""alert":{"#.utf8)
        if let title = content.title, !title.isEmpty { write(.init(key: "title", value: .string(title)), to: &out) }
        if let body = content.body, !body.isEmpty { write(.init(key: "body", value: .string(body)), to: &out) }
        dropComma(&out)
        out.append(contentsOf: "},".utf8)
    }

    private static func write(_ member: JSONObject.Member, to out: inout [UInt8]) {
        JSON.string(member.key).write(to: &out)
        out.append(UInt8(ascii: ":"))
        member.value.write(to: &out)
        out.append(UInt8(ascii: ","))
    }

    private static func dropComma(_ out: inout [UInt8]) {
        if out.last == UInt8(ascii: ",") { out.removeLast() }
    }
}
