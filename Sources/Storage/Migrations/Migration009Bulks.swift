extension Migration {
    /// To come.
    static let bulks = Migration(number: 9, name: "bulk dispatches") { _ in
        []
    }
}
