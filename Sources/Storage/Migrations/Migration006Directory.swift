extension Migration {
    /// To come.
    static let directory = Migration(number: 6, name: "directory") { _ in
        []
    }
}
