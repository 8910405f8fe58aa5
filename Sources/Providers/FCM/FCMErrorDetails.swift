import Domain

/// The codes of a Google error body, wherever in it they stand. Reads any shape: what is not as documented is as if it were not there.
struct FCMErrorDetails: Sendable {
    private(set) var apns: String?
    private(set) var fcm: String?
    private(set) var info: String?
    private(set) var status: String?
    private(set) var violatedFields: [String] = []
    /// FCM limits projects, devices and topics; only the violation's text says which.
    private(set) var isDeviceQuota = false

    init(_ error: JSON?) {
        status = error?["status"]?.string
        for detail in error?["details"]?.array ?? [] {
            // The host before the type's name has changed before, and does not matter.
            let type = detail["@type"]?.string ?? ""
            if type.hasSuffix("fcm.v1.ApnsError") {
                apns = detail["reason"]?.string
            } else if type.hasSuffix("fcm.v1.FcmError") {
                fcm = detail["errorCode"]?.string
            } else if type.hasSuffix("rpc.ErrorInfo") {
                info = detail["reason"]?.string
            } else if type.hasSuffix("rpc.BadRequest") {
                violatedFields += (detail["fieldViolations"]?.array ?? []).compactMap { $0["field"]?.string }
            } else if type.hasSuffix("rpc.QuotaFailure") {
                let texts = (detail["violations"]?.array ?? []).flatMap { [$0["subject"]?.string, $0["description"]?.string] }
                isDeviceQuota = isDeviceQuota || texts.contains { $0?.lowercased().contains("device") ?? false }
            }
        }
        if let message = error?["message"]?.string.map({ $0.lowercased() }), message.contains("device"), message.contains("rate") {
            isDeviceQuota = true
        }
    }

    func describe(in answer: inout Answer) {
        if let apns { answer.words.append("apns:\(apns)") }
        if let fcm { answer.words.append("fcm:\(fcm)") }
        if let info { answer.words.append("info:\(info)") }
        if let status { answer.words.append("status:\(status)") }
        if violatedFields.contains("message.token") { answer.words.append(FCMVerdicts.Mark.tokenField) }
        if !violatedFields.isEmpty { answer.words.append(FCMVerdicts.Mark.fieldViolation) }
        if isDeviceQuota { answer.words.append(FCMVerdicts.Mark.deviceQuota) }
        answer.reason = apns ?? fcm ?? info ?? status
    }
}
