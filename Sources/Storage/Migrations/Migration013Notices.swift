extension Migration {
    /// What people were told of, and when last: a row for each credential that is about to end.
    static let notices = Migration(number: 13, name: "notices") { dialect in
        ["CREATE TABLE notices (name TEXT PRIMARY KEY, told_at BIGINT NOT NULL) \(dialect.clustered)"]
    }
}
