extension Migration {
    /// The latest time that a gateway has seen, in one row: by it the next one knows that the clock has been set back meanwhile.
    static let clock = Migration(number: 15, name: "clock") { dialect in
        ["CREATE TABLE clock (id BIGINT PRIMARY KEY, seen_at BIGINT NOT NULL)"]
    }
}
