extension Migration {
    /// To come.
    static let notificationRecords = Migration(number: 8, name: "notification records") { _ in
        []
    }
}
