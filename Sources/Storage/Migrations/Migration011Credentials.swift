extension Migration {
    /// Credentials as they are sealed: nothing in these rows opens without a master key, which never stands here.
    static let credentials = Migration(number: 11, name: "credentials") { _ in [] }
}
