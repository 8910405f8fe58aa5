import NIOHPACK

extension Request {
    /// The headers worth keeping. Credentials are not.
    var recordedHeaders: [(name: String, value: String)] {
        var kept: [(name: String, value: String)] = []
        for (name, value, _) in headers where name != "authorization" { kept.append((name, value)) }
        return kept
    }
}
