extension Migration {
    /// To come.
    static let apiKeys = Migration(number: 7, name: "api keys") { _ in
        []
    }
}
